using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>A server whose whole answers take a time, without anybody waiting for it, and end in the middle.</summary>
internal sealed class SlowServer : IAsyncDisposable
{
    private SlowServer(Setup setup, IChatClient client)
    {
        Setup = setup;
        Client = client;
    }

    public Setup Setup { get; }

    public IChatClient Client { get; }

    /// <summary>What the simulator says that the last prompt cost.</summary>
    public long LastInput =>
        (
            Setup
                .Qwen.Journal.Chats[^1]
                .Request.Messages.EnumerateArray()
                .Sum(static message => message.GetProperty("content").GetString()!.Length) + 3
        ) / 4;

    public static async Task<SlowServer> StartAsync(
        TimeSpan takes,
        int? tokens = null,
        int max = 2,
        QwenContinuation continuation = QwenContinuation.On,
        bool upgrades = true,
        bool callsTool = false
    )
    {
        // Waits between tries pass at once; limits of requests are longer.
        var clock = new SkippingClock();
        var setup = await Setup.StartAsync(options =>
            options.Answer = request =>
            {
                if (request.IsStream)
                {
                    return new QwenSimulatedAnswer { Text = Setup.Text };
                }

                clock.Advance(takes);
                var answer = new QwenSimulatedAnswer
                {
                    Text = Setup.Text[..24],
                    FinishReason = "length",
                    PromptTokens = 1007,
                    CompletionTokens = tokens,
                };
                if (callsTool)
                {
                    answer.ToolCalls.Add(new QwenSimulatedToolCall { Name = "pay", Arguments = "{\"su" });
                }

                return answer;
            }
        );
        var client = setup.Pipeline(
            options =>
            {
                options.StreamingFallback.MaxContinuations = max;
                options.StreamingFallback.Continuation = continuation;
                options.StreamingFallback.UpgradeToStreaming = upgrades;
            },
            time: clock
        );
        return new SlowServer(setup, client);
    }

    public ValueTask DisposeAsync()
    {
        return Setup.DisposeAsync();
    }
}
