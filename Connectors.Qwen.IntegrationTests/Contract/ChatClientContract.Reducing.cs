using System.Text.Json;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Reducers are experimental.

namespace Connectors.Qwen.IntegrationTests.Contract;

public abstract partial class ChatClientContract
{
    [Fact]
    public async Task SummarizingChatReducer_PreservesConversationContext()
    {
        using var client = Reducing();

        var response = await client.GetResponseAsync(Talk("What is my boat called?"), cancellationToken: Cancel);

        AssertHas("Kestrel", response.Text);
        AssertSummarized(static (_, answer) => Assert.True(Roles(answer).Length < 7));
    }

    [Fact]
    public async Task SummarizingChatReducer_PreservesSystemMessage()
    {
        using var client = Reducing();
        ChatMessage[] messages = [new(ChatRole.System, "Begin each answer with Ahoy."), .. Talk("Good evening.")];

        var response = await client.GetResponseAsync(messages, cancellationToken: Cancel);

        AssertHas("Ahoy", response.Text);
        AssertSummarized(static (_, answer) => Assert.Equal("Begin each answer with Ahoy.", ContentOf(answer, 0)));
    }

    [Fact]
    public async Task SummarizingChatReducer_WithFunctionCalls()
    {
        using var client = Reducing();
        ChatMessage[] messages =
        [
            .. Talk("Which code does the door have?"),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "get_code", new Dictionary<string, object?>())]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "7431")]),
        ];

        var response = await client.GetResponseAsync(messages, cancellationToken: Cancel);

        AssertHas("7431", response.Text);
        // The call and its result stay together, or the service would refuse them.
        AssertSummarized(static (_, answer) => Assert.Equal(["assistant", "tool"], Roles(answer)[^2..]));
    }

    [Fact]
    public async Task SummarizingChatReducer_Streaming()
    {
        using var client = Reducing();

        var response = await client
            .GetStreamingResponseAsync(Talk("What is my boat called?"), cancellationToken: Cancel)
            .ToChatResponseAsync(Cancel);

        AssertHas("Kestrel", response.Text);
        AssertSummarized(static (_, answer) => Assert.True(answer.GetProperty("stream").GetBoolean()));
    }

    [Fact]
    public async Task SummarizingChatReducer_CustomPrompt()
    {
        const string Prompt = "Give a short summary of this talk, with every name in it.";
        using var client = Reducing(Prompt);

        var response = await client.GetResponseAsync(Talk("What is my boat called?"), cancellationToken: Cancel);

        AssertHas("Kestrel", response.Text);
        AssertSummarized(static (summary, _) => AssertHas(Prompt, summary.GetRawText()));
    }

    private IChatClient Reducing(string? prompt = null)
    {
        var reducer = new SummarizingChatReducer(Client, targetCount: 2, threshold: 1);
        if (prompt is not null)
        {
            reducer.SummarizationPrompt = prompt;
        }

        return Client.AsBuilder().UseChatReducer(reducer).Build();
    }

    private static ChatMessage[] Talk(string last)
    {
        return
        [
            new(ChatRole.User, "My boat is Kestrel."),
            new(ChatRole.Assistant, "I see."),
            new(ChatRole.User, "I like the sea."),
            new(ChatRole.Assistant, "I see."),
            new(ChatRole.User, "It is late."),
            new(ChatRole.Assistant, "I see."),
            new(ChatRole.User, last),
        ];
    }

    /// <summary>One request for the summary, one for the answer, which knows the summary and not what was summed up.</summary>
    private void AssertSummarized(Action<JsonElement, JsonElement> look)
    {
        AssertSent(
            2,
            sent =>
            {
                AssertHas("My boat is Kestrel.", sent[0].GetRawText());
                AssertHas("Summary: ", sent[1].GetRawText());
                look(sent[0], sent[1]);
            }
        );
    }
}
