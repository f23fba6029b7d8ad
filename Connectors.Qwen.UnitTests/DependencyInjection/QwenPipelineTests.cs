using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

public class QwenPipelineTests
{
    // The outermost first; each stage finds what is inside it and nothing of what is outside.
    private static readonly Type[] Order =
    [
        typeof(StreamingFallbackChatClient),
        typeof(TimeoutRetryChatClient),
        typeof(TokenRefreshChatClient),
        typeof(QwenChatClient),
    ];

    [Fact]
    public void CreateChatClient_Pipeline_IsInItsOrder()
    {
        using var client = QwenPipeline.CreateChatClient("qwen3-max", "sk-key");

        AssertOrder(client);
    }

    [Fact]
    public void UseQwenPipeline_Builder_IsInTheSameOrder()
    {
        var raw = new QwenChatClient(new QwenClientOptions { ModelId = "m" }, new ApiKeyCredentialProvider("k"));

        using var client = raw.AsBuilder().UseQwenPipeline().Build();

        AssertOrder(client);
    }

    [Fact]
    public void UseQwenStages_Builder_FirstVerbIsOutermost()
    {
        var raw = new QwenChatClient(new QwenClientOptions { ModelId = "m" }, new ApiKeyCredentialProvider("k"));

        using var client = raw.AsBuilder()
            .UseFunctionInvocation()
            .UseQwenStreamingFallback()
            .UseQwenTimeoutRetry(o => o.MaxRetries = 1)
            .UseQwenTokenRefresh()
            .Build();

        AssertOrder(client);
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
    }

    [Fact]
    public void UseQwenTimeoutRetry_FunctionInvocationInside_IsRefused()
    {
        var builder = Mock.Of<IChatClient>().AsBuilder().UseQwenTimeoutRetry().UseFunctionInvocation();

        Assert.Throws<InvalidOperationException>(() => builder.Build());
    }

    [Fact]
    public void UseQwenTimeoutRetry_OptionOutOfRange_IsNamed()
    {
        var builder = Mock.Of<IChatClient>().AsBuilder().UseQwenTimeoutRetry(o => o.MaxAttempts = 0);

        Assert.Throws<ArgumentOutOfRangeException>(nameof(TimeoutRetryOptions.MaxAttempts), () => builder.Build());
    }

    [Fact]
    public async Task CreateChatClient_ScriptedServer_IsAskedOnceForAGoodAnswer()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));
        var options = new QwenOptions { ModelId = "m", ApiKey = "sk-key" };
        using var client = QwenPipeline.CreateChatClient(options, httpClient: handler.CreateClient());

        var response = await client.GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        Assert.Null(response.AdditionalProperties);
        Assert.Equal("POST https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions", handler.Request.Line);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void CreateChatClient_NoModel_IsRefused(string model)
    {
        Assert.Throws<ArgumentException>("modelId", () => QwenPipeline.CreateChatClient(model, "sk-key"));
    }

    [Fact]
    public void CreateChatClient_NoKey_SaysWhereToPutOne()
    {
        // White space, not null: the environment of the machine is not read.
        var e = Assert.Throws<InvalidOperationException>(() => QwenPipeline.CreateChatClient("m", " "));

        Assert.StartsWith(
            "There is no API key. Set ApiKey, or the environment variable DASHSCOPE_API_KEY, or hand in an "
                + "IQwenCredentialProvider.",
            e.Message
        );
    }

    [Fact]
    public void CreateChatClient_StageOptionOutOfRange_IsNamed()
    {
        var options = new QwenOptions { ModelId = "m", ApiKey = "sk-key" };
        options.TimeoutRetry.MaxRetries = -1;

        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(TimeoutRetryOptions.MaxRetries),
            () => QwenPipeline.CreateChatClient(options)
        );
    }

    internal static void AssertOrder(IChatClient client)
    {
        for (var outer = 0; outer < Order.Length; outer++)
        {
            var stage = (IChatClient)client.GetService(Order[outer])!;
            Assert.NotNull(stage);
            for (var other = 0; other < Order.Length; other++)
            {
                Assert.Equal(other >= outer, stage.GetService(Order[other]) is not null);
            }
        }
    }
}
