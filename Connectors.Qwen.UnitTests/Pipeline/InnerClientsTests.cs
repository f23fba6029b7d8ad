using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline;

public class InnerClientsTests
{
    public static TheoryData<Func<IChatClient, IChatClient>> Stages =>
        new()
        {
            inner => new StreamingFallbackChatClient(inner),
            inner => new TimeoutRetryChatClient(inner),
            inner => new TokenRefreshChatClient(inner, new ApiKeyCredentialProvider("sk-test")),
        };

    [Theory]
    [MemberData(nameof(Stages))]
    public void Constructor_FunctionInvokerInside_IsRefused(Func<IChatClient, IChatClient> stage)
    {
        using var invoker = new FunctionInvokingChatClient(Mock.Of<IChatClient>());

        var e = Assert.Throws<InvalidOperationException>(() => stage(invoker));

        Assert.Contains("would run them twice", e.Message);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Constructor_FunctionInvokerDeepInside_IsRefused(Func<IChatClient, IChatClient> stage)
    {
        using var invoker = new FunctionInvokingChatClient(Mock.Of<IChatClient>());
        using var around = new Decorator(invoker);

        Assert.Throws<InvalidOperationException>(() => stage(around));
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Constructor_FunctionInvokerOutside_IsAccepted(Func<IChatClient, IChatClient> stage)
    {
        using var outside = new FunctionInvokingChatClient(stage(Mock.Of<IChatClient>()));

        Assert.NotNull(outside);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Constructor_NoInnerClient_IsRefused(Func<IChatClient, IChatClient> stage)
    {
        Assert.Throws<ArgumentNullException>("innerClient", () => stage(null!));
    }

    private sealed class Decorator(IChatClient inner) : DelegatingChatClient(inner);
}
