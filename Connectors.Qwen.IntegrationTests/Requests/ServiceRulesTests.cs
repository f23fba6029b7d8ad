using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Requests;

/// <summary>What the service refuses, and ordinary callers do: the simulator checks what the service checks.</summary>
public sealed class ServiceRulesTests
{
    private static readonly UriContent Picture = new("https://pictures.example/a.png", "image/png");

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (
                var name in (string[])["json", "developer", "forced", "several systems", "picture of a tool", "prefix"]
            )
            {
                cases.Add(name, true);
                cases.Add(name, false);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task WhatOrdinaryCallersDo_IsAccepted(string name, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Raw();
        var (options, messages) = Case(name);

        var response = streaming
            ? await client
                .GetStreamingResponseAsync(messages, options, TestContext.Current.CancellationToken)
                .ToChatResponseAsync(TestContext.Current.CancellationToken)
            : await client.GetResponseAsync(messages, options, TestContext.Current.CancellationToken);

        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(200, Assert.Single(setup.Qwen.Journal.Chats).Status);
    }

    private static (ChatOptions? Options, ChatMessage[] Messages) Case(string name)
    {
        var hello = Ask.Question[0];
        return name switch
        {
            "json" => (new() { ResponseFormat = ChatResponseFormat.Json }, [hello]),
            "developer" => (null, [new(new ChatRole("developer"), "Be brief."), hello]),
            "forced" => (
                new()
                {
                    ModelId = "qwen3-8b",
                    Tools =
                    [
                        AIFunctionFactory.CreateDeclaration("f", null, AIFunctionFactory.Create(() => "").JsonSchema),
                    ],
                    ToolMode = ChatToolMode.RequireAny,
                },
                [hello]
            ),
            "several systems" => (
                new() { Instructions = "Be brief." },
                [
                    new(ChatRole.System, "Be kind."),
                    new(ChatRole.User, [new HostedFileContent("f-1"), .. hello.Contents]),
                ]
            ),
            "picture of a tool" => (
                null,
                [
                    hello,
                    new(ChatRole.Assistant, [new FunctionCallContent("c1", "look")]),
                    new(ChatRole.Tool, [new FunctionResultContent("c1", Picture)]),
                ]
            ),
            _ => (
                null,
                [
                    hello,
                    new(ChatRole.Assistant, Setup.Text[..10]) { AdditionalProperties = new() { ["partial"] = true } },
                ]
            ),
        };
    }
}
