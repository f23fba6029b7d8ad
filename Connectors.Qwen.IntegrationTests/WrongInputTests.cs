using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.IntegrationTests;

/// <summary>What a person gets wrong on the first day: each a clear exception at the earliest moment.</summary>
public sealed class WrongInputTests
{
    private const string ModelStudioKey = "sk-0123456789abcdef0123456789abcdef";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void NoKey_WhenTheClientIsCreated_SaysWhereAKeyMayStand()
    {
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable(QwenClientOptions.ApiKeyVariable) is not null,
            "This machine has a key."
        );

        var direct = Assert.Throws<InvalidOperationException>(static () => QwenPipeline.CreateChatClient("qwen3-max"));
        using var provider = Services(static services => services.AddQwenChatClient("qwen3-max"));
        var injected = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IChatClient>);

        foreach (var message in new[] { direct.Message, injected.Message })
        {
            Assert.Contains("DASHSCOPE_API_KEY", message, StringComparison.Ordinal);
            Assert.Contains("IQwenCredentialProvider", message, StringComparison.Ordinal);
            Assert.Contains("simulator", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("not an address", "'not an address' is not an absolute http(s) address")]
    [InlineData("dashscope.aliyuncs.com/compatible-mode/v1", "is not an absolute http(s) address")]
    [InlineData("ftp://dashscope.aliyuncs.com", "is not an absolute http(s) address")]
    [InlineData("http://dashscope.aliyuncs.com/compatible-mode/v1", "is not encrypted")]
    public void Endpoint_ThatCannotBeUsed_IsRefusedWhenTheClientIsCreated(string endpoint, string because)
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Endpoint", endpoint), new("ModelId", "qwen3-max"), new("ApiKey", "sk-x")])
            .Build();
        using var provider = Services(services => services.AddQwenChatClient(section));

        var failure = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IChatClient>);

        Assert.Contains("Endpoint cannot be used", failure.Message, StringComparison.Ordinal);
        Assert.Contains(because, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyAndEndpoint_ThatCannotBelongTogether_AreRefusedWithoutRepeatingTheKey()
    {
        const string PlanKey = "sk-sp-0123456789";

        var plan = Assert.Throws<ArgumentException>(static () => QwenPipeline.CreateChatClient("qwen3-max", PlanKey));
        var studio = Assert.Throws<ArgumentException>(static () =>
            QwenPipeline.CreateChatClient("qwen3-max", ModelStudioKey, QwenEndpoints.CodingPlan)
        );

        var registered = Assert.Throws<ArgumentException>(static () =>
            new ServiceCollection().AddQwenChatClient("qwen3-max", PlanKey)
        );
        Assert.Equal(plan.Message, registered.Message);
        Assert.Contains("dashscope.aliyuncs.com", plan.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(PlanKey, plan.Message, StringComparison.Ordinal);
        Assert.Contains("coding.dashscope.aliyuncs.com", studio.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ModelStudioKey, studio.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyMessageList_IsRefusedAtTheCall_AndNothingIsSent()
    {
        await using var setup = await Setup.StartAsync();
        foreach (var client in new IChatClient[] { setup.Raw(), setup.Pipeline() })
        {
            // The streaming form too, before anybody enumerates.
            Assert.Throws<ArgumentException>("messages", () => client.GetStreamingResponseAsync([], null, Cancel));
            await Assert.ThrowsAsync<ArgumentException>("messages", () => client.GetResponseAsync([], null, Cancel));
        }

        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task NullInsideTheArguments_IsNamed_AndNothingIsSent()
    {
        await using var setup = await Setup.StartAsync();
        var wrong = new (string Parameter, ChatMessage?[] Messages, ChatOptions? Options)[]
        {
            ("messages", [null], null),
            ("content", [new(ChatRole.User, [null!])], null),
            ("tool", [new(ChatRole.User, "Hi")], new() { Tools = [null!] }),
        };
        foreach (var client in new IChatClient[] { setup.Raw(), setup.Pipeline() })
        {
            foreach (var (parameter, messages, options) in wrong)
            {
                await Assert.ThrowsAsync<ArgumentException>(
                    parameter,
                    () => client.GetResponseAsync(messages!, options, Cancel)
                );
                await Assert.ThrowsAsync<ArgumentException>(
                    parameter,
                    () => client.GetStreamingResponseAsync(messages!, options, Cancel).ToListAsync(Cancel).AsTask()
                );
            }
        }

        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task NothingToAnswer_SaysWhatTheLastMessageMustBe(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        ChatMessage[] instructions = [new(ChatRole.System, "Be brief.")];
        var client = setup.Pipeline();

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            streaming
                ? client.GetStreamingResponseAsync(instructions, null, Cancel).ToListAsync(Cancel).AsTask()
                : client.GetResponseAsync(instructions, null, Cancel)
        );

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.Contains("the last message must be", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task NullArguments_AreNamed()
    {
        await using var setup = await Setup.StartAsync();
        foreach (var client in new IChatClient[] { setup.Raw(), setup.Pipeline() })
        {
            Assert.Throws<ArgumentNullException>(
                "messages",
                () => client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!, null, Cancel)
            );
            await Assert.ThrowsAsync<ArgumentNullException>(
                "messages",
                () => client.GetResponseAsync((IEnumerable<ChatMessage>)null!, null, Cancel)
            );
        }

        Assert.Throws<ArgumentNullException>("options", static () => new QwenChatClient(null!));
        Assert.Throws<ArgumentNullException>("options", static () => QwenPipeline.CreateChatClient((QwenOptions)null!));
        Assert.Throws<ArgumentNullException>("modelId", static () => QwenPipeline.CreateChatClient((string)null!));
        Assert.Throws<ArgumentNullException>("innerClient", static () => new TimeoutRetryChatClient(null!));
        Assert.Throws<ArgumentNullException>("innerClient", static () => new StreamingFallbackChatClient(null!));
        Assert.Throws<ArgumentNullException>("innerClient", static () => new TokenRefreshChatClient(null!));
        Assert.Throws<ArgumentNullException>(
            "services",
            static () => ((IServiceCollection)null!).AddQwenChatClient("m")
        );
    }

    [Fact]
    public async Task FunctionInvokerInsideThePipeline_IsRefusedWhenItIsBuilt()
    {
        await using var setup = await Setup.StartAsync();

        // In a builder the first verb is the outermost: here the pipeline is put around the function invoker.
        var failure = Assert.Throws<InvalidOperationException>(() =>
            setup.Raw().AsBuilder().UseQwenPipeline().UseFunctionInvocation().Build()
        );

        Assert.Contains("twice", failure.Message, StringComparison.Ordinal);
        Assert.Contains("UseFunctionInvocation", failure.Message, StringComparison.Ordinal);
        using var right = setup.Raw().AsBuilder().UseFunctionInvocation().UseQwenPipeline().Build();
        Assert.NotNull(right.GetService<StreamingFallbackChatClient>());
    }

    private static ServiceProvider Services(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        return services.BuildServiceProvider();
    }
}
