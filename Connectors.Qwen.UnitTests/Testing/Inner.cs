using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Inner clients that play a script: one entry per call, the last one repeated.</summary>
internal static class Inner
{
    public static readonly ChatMessage[] Hello = [new(ChatRole.User, "Hello")];

    /// <summary>Answers each call with the next text or exception; <see cref="Streams.Silence"/> never answers.</summary>
    public static Mock<IChatClient> Answers(this Mock<IChatClient> mock, params object[] script)
    {
        var calls = 0;
        mock.Setup(c =>
                c.GetResponseAsync(
                    It.IsAny<IEnumerable<ChatMessage>>(),
                    It.IsAny<ChatOptions?>(),
                    It.IsAny<CancellationToken>()
                )
            )
            .Returns(
                (IEnumerable<ChatMessage> _, ChatOptions? _, CancellationToken token) =>
                    PlayAsync(script[Math.Min(calls++, script.Length - 1)], token)
            );
        return mock;
    }

    /// <summary>Answers each streaming call with the next script; see <see cref="Testing.Streams"/>.</summary>
    public static Mock<IChatClient> Streams(this Mock<IChatClient> mock, params object[][] scripts)
    {
        var calls = 0;
        mock.Setup(c =>
                c.GetStreamingResponseAsync(
                    It.IsAny<IEnumerable<ChatMessage>>(),
                    It.IsAny<ChatOptions?>(),
                    It.IsAny<CancellationToken>()
                )
            )
            .Returns(
                (IEnumerable<ChatMessage> _, ChatOptions? _, CancellationToken token) =>
                    Testing.Streams.Of(scripts[Math.Min(calls++, scripts.Length - 1)], token)
            );
        return mock;
    }

    public static int Calls(this Mock<IChatClient> mock, string method)
    {
        return mock.Invocations.Count(i => i.Method.Name == method);
    }

    public static int AnswerCalls(this Mock<IChatClient> mock)
    {
        return mock.Calls(nameof(IChatClient.GetResponseAsync));
    }

    public static int StreamCalls(this Mock<IChatClient> mock)
    {
        return mock.Calls(nameof(IChatClient.GetStreamingResponseAsync));
    }

    private static async Task<ChatResponse> PlayAsync(object step, CancellationToken token)
    {
        switch (step)
        {
            case string text:
                return new ChatResponse(new ChatMessage(ChatRole.Assistant, text));
            case ChatResponse response:
                return response;
            case Exception failure:
                throw failure;
            default:
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                throw new InvalidOperationException("Silence ended.");
        }
    }
}
