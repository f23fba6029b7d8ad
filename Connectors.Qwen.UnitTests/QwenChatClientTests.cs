using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests;

public class QwenChatClientTests
{
    private const string Finish = """{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}""";

    [Fact]
    public async Task GetResponseAsync_Answer_SaysWhichRequestBroughtIt()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion).With("x-request-id", "U"));

        var response = await RawClient.Over(handler).GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        Assert.Equal("U", response.AdditionalProperties?[QwenResponseProperties.RequestId]);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Answer_SaysWhichRequestBroughtIt()
    {
        var handler = new ScriptedHandler(() =>
            Answers.Events("""{"id":"r","choices":[{"delta":{"content":"Hi"}}]}""", Finish).With("x-request-id", "U")
        );

        var response = await RawClient.Over(handler).GetStreamingResponseAsync(Inner.Hello).ToChatResponseAsync();

        Assert.Equal(("Hi", "r", ChatFinishReason.Stop), (response.Text, response.ResponseId, response.FinishReason));
        Assert.Equal("U", response.AdditionalProperties?[QwenResponseProperties.RequestId]);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"null\"")]
    [InlineData("\"time_limit\"")]
    public async Task GetResponseAsync_NotFinished_IsNeverReturnedAsWhole(string reason)
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers.Json($$"""{"choices":[{"message":{"content":"Hel"},"finish_reason":{{reason}}}]}""")
        );

        Assert.Equal((QwenFailureKind.StreamInterrupted, "Hel"), (e.Kind, e.PartialText));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}""", "EmptyResponse")]
    [InlineData("""{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}""", "EmptyResponse")]
    [InlineData("""{"choices":[]}""", "StreamInterrupted")]
    public async Task GetResponseAsync_NothingInIt_IsAFailure(string json, string kind)
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Json(json));

        Assert.Equal((kind, null), (e.Kind.ToString(), e.PartialText));
    }

    [Fact]
    public async Task GetResponseAsync_UnknownReason_IsNamedWithoutTheKey()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers.Json($$"""{"choices":[{"message":{"content":"Hel"},"finish_reason":"cut {{RawClient.Secret}}"}]}""")
        );

        Assert.Contains("is not finished: 'cut [key]' is no known finish reason", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("content_filter")]
    [InlineData("length")]
    public async Task GetResponseAsync_EmptyForAReason_IsReturnedWithIt(string reason)
    {
        var json = $$"""{"choices":[{"message":{"content":""},"finish_reason":"{{reason}}"}]}""";
        var handler = new ScriptedHandler(() => Answers.Json(json));

        var response = await RawClient.Over(handler).GetResponseAsync(Inner.Hello);

        Assert.Equal(reason, response.FinishReason?.Value);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_ToolCalls_AreHandedOutAtTheEndOnly()
    {
        string[] data =
        [
            """{"id":"r","choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"","function":{"arguments":""}}]},"index":0}]}""",
        ];

        var e = await RawClient.FailureOfStream(() => Answers.Events(data));
        Assert.Equal(QwenFailureKind.StreamInterrupted, e.Kind);

        var updates = await RawClient.ReadStream(() =>
            Answers.Events([.. data, """{"choices":[{"finish_reason":"tool_calls","delta":{},"index":0}]}"""])
        );
        Assert.Single(updates.SelectMany(u => u.Contents).OfType<FunctionCallContent>());
    }

    [Theory]
    [InlineData("https://dashscope.aliyuncs.com/compatible-mode/v1", "aababcabcd")]
    [InlineData("https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1", "aababcabcd")]
    [InlineData("https://gateway.example/v1", "abcd")]
    [InlineData("http://localhost:8000/v1", "abcd")]
    public async Task GetStreamingResponseAsync_TextThatRepeats_IsTakenForCumulativeOnUnknownHosts(
        string endpoint,
        string expected
    )
    {
        var handler = new ScriptedHandler(() =>
            Answers.Events(Delta("a"), Delta("ab"), Delta("abc"), Delta("abcd"), Finish)
        );
        var client = RawClient.Over(handler, options => options.Endpoint = new Uri(endpoint));

        Assert.Equal(expected, (await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()).Text());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CumulativeTextThatDoesNotContinue_IsAFailureWithWhatWasSaid()
    {
        var e = await RawClient.FailureOfStream(() =>
            Answers.Events(Delta("a"), Delta("ab"), Delta("abc"), Delta("abcd"), Delta("xyz"), Finish)
        );

        Assert.Equal((QwenFailureKind.Protocol, "abcd"), (e.Kind, e.PartialText));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CutAfterTheFinishWhileInDoubt_TheAnswerIsWhole()
    {
        var updates = await RawClient.ReadStream(() =>
            Answers.Stream($"data: {Delta("ha")}\n\ndata: {Delta("haha")}\n\ndata: {Finish}\n\ndata: {{\"cho")
        );

        Assert.Equal("hahaha", updates.Text());
        Assert.Single(updates, static u => u.FinishReason == ChatFinishReason.Stop);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task GetResponseAsync_PlaceholderInPlaceOfAnAnswer_IsAnEmptyResponse(bool asStream)
    {
        const string Answer = """{"choices":[{"message":{"content":" (request timeout)\n"},"finish_reason":"stop"}]}""";

        var e = asStream
            ? await RawClient.FailureOfStream(() => Answers.Json(Answer))
            : await RawClient.FailureOfAnswer(() => Answers.Json(Answer));

        Assert.Equal((QwenFailureKind.EmptyResponse, null), (e.Kind, e.PartialText));
        Assert.Contains("(request timeout)", e.Message);
    }

    [Fact]
    public async Task GetResponseAsync_PlaceholderCutByALimit_IsReturnedWithIt()
    {
        const string Answer = """{"choices":[{"message":{"content":"(request timeout)"},"finish_reason":"length"}]}""";
        using var client = RawClient.Over(new ScriptedHandler(() => Answers.Json(Answer)));

        Assert.Equal("(request timeout)", (await client.GetResponseAsync(Inner.Hello)).Text);
    }

    [Theory]
    [InlineData(true, "so:hm", "Hi")]
    [InlineData(false, "so:", "<think>hm</think>Hi")]
    public async Task GetResponseAsync_ThinkTags_AreReasoningWhenAskedFor(bool asked, string reasoning, string text)
    {
        const string Answer =
            """{"choices":[{"message":{"reasoning_content":"so:","content":"<think>hm</think>Hi"},"finish_reason":"stop"}]}""";
        using var client = RawClient.Over(
            new ScriptedHandler(() => Answers.Json(Answer)),
            options => options.ThinkTagsAsReasoning = asked
        );

        var response = await client.GetResponseAsync(Inner.Hello);

        Assert.Equal(text, response.Text);
        Assert.Equal(
            reasoning,
            string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(static r => r.Text))
        );
    }

    [Fact]
    public void GetStreamingResponseAsync_RequestThatCannotBeSent_IsRefusedBeforeTheEnumeration()
    {
        using var client = RawClient.Over(new ScriptedHandler());

        Assert.Throws<ArgumentException>("messages", () => client.GetStreamingResponseAsync([]));
        Assert.Throws<ArgumentException>(
            "options",
            () => client.GetStreamingResponseAsync(Inner.Hello, new ChatOptions { ConversationId = "c" })
        );
    }

    [Fact]
    public async Task GetResponseAsync_EndpointOfTheCredential_IsUsedUnlessOneIsGiven()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));
        var credentials = new Mock<IQwenCredentialProvider>();
        credentials
            .SetupSequence(c => c.GetCredentialAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(new QwenCredential("t", endpoint: new Uri("https://first.example/v1")))
            .ReturnsAsync(new QwenCredential("t", endpoint: new Uri("https://second.example/v1")))
            .ReturnsAsync(new QwenCredential("t"));
        var options = new QwenClientOptions { ModelId = "m" };
        using var client = new QwenChatClient(options, credentials.Object, handler.CreateClient());

        await client.GetResponseAsync(Inner.Hello);
        await client.GetResponseAsync(Inner.Hello);
        await client.GetResponseAsync(Inner.Hello);

        Assert.Equal(
            [
                "POST https://first.example/v1/chat/completions",
                "POST https://second.example/v1/chat/completions",
                "POST https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
            ],
            handler.Requests.Select(r => r.Line)
        );
    }

    [Fact]
    public async Task GetResponseAsync_EndpointOfTheCredentialIsNotEncrypted_SendsNothingThere()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));
        var credentials = new Mock<IQwenCredentialProvider>();
        credentials
            .Setup(c => c.GetCredentialAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(new QwenCredential("t", endpoint: new Uri("http://plain.example/v1")));
        using var client = new QwenChatClient(
            new QwenClientOptions { ModelId = "m" },
            credentials.Object,
            handler.CreateClient()
        );

        Assert.NotNull(await Record.ExceptionAsync(() => client.GetResponseAsync(Inner.Hello)));

        Assert.Empty(handler.Requests);
    }

    [Fact]
    public void Constructor_WrongArguments_AreNamed()
    {
        var key = new ApiKeyCredentialProvider("k");

        Assert.Throws<ArgumentNullException>("options", () => new QwenChatClient(null!, key));
        Assert.Throws<ArgumentException>("options", () => new QwenChatClient(new() { ModelId = " " }, key));
        Assert.Throws<ArgumentException>(
            "options",
            () => new QwenChatClient(new() { ModelId = "m", Endpoint = new Uri("http://h/v1") }, key)
        );
    }

    [Fact]
    public async Task Constructor_OptionsChangedLater_ChangeNothing()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));
        var options = new QwenClientOptions { ModelId = "m", Endpoint = new Uri("https://qwen.example/v1") };
        using var client = new QwenChatClient(options, new ApiKeyCredentialProvider("k"), handler.CreateClient());

        options.ModelId = "other";
        options.Endpoint = new Uri("http://evil.example/v1");
        await client.GetResponseAsync(Inner.Hello);

        Assert.Equal("POST https://qwen.example/v1/chat/completions", handler.Request.Line);
        Assert.Contains("\"model\":\"m\"", handler.Request.Body);
    }

    [Fact]
    public void Constructor_KeyOfAnotherProduct_IsRefusedWithoutTheKey()
    {
        const string PlanKey = "sk-sp-0123456789abcdef";

        var e = Assert.Throws<ArgumentException>(() =>
            new QwenChatClient(new QwenClientOptions { ModelId = "m", ApiKey = PlanKey })
        );

        Assert.DoesNotContain(PlanKey, e.Message);
    }

    [Fact]
    public void GetService_Client_AnswersForItsParts()
    {
        var handler = new ScriptedHandler();
        using var http = handler.CreateClient();
        var credentials = new ApiKeyCredentialProvider("k");
        var options = new QwenClientOptions { ModelId = "m", Endpoint = new Uri("https://qwen.example/v1") };
        using var client = new QwenChatClient(options, credentials, http);

        Assert.Same(client, client.GetService<QwenChatClient>());
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Same(credentials, client.GetService<IQwenCredentialProvider>());
        Assert.Same(http, client.GetService<HttpClient>());
        Assert.Null(client.GetService<TimeoutRetryChatClient>());
        Assert.Null(client.GetService<QwenChatClient>("key"));
        var metadata = client.GetService<ChatClientMetadata>()!;
        Assert.Equal(("qwen", "m"), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Equal(options.Endpoint, metadata.ProviderUri);
    }

    [Fact]
    public async Task Dispose_HttpClientHandedIn_StaysUsable()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));
        using var http = handler.CreateClient();
        var options = new QwenClientOptions { ModelId = "m" };

        new QwenChatClient(options, new ApiKeyCredentialProvider("k"), http).Dispose();

        using var second = new QwenChatClient(options, new ApiKeyCredentialProvider("k"), http);
        Assert.Equal("Hello", (await second.GetResponseAsync(Inner.Hello)).Text);
    }

    private static string Delta(string text)
    {
        return $$"""{"choices":[{"delta":{"content":"{{text}}"},"index":0}]}""";
    }
}
