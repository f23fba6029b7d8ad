using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C1, C18, T31 and T39: what ends a call that could go on for ever.</summary>
public sealed class LimitsOfTheCallTests
{
    [Fact]
    public async Task C18_GatewayThatCutsEachMinute_CostsNothingOfTheBudget()
    {
        await using var slow = await SlowGateway.StartAsync(TimeSpan.FromMinutes(30));

        var heard = await Heard.FromAsync(slow.Client);

        heard.IsWhole();
        Assert.True(slow.Setup.Qwen.Journal.Chats.Count > 10);
        Assert.True((long)heard.Facts[QwenResponseProperties.WaitedMilliseconds]! >= 500_000);
    }

    [Fact]
    public async Task C18_T39_TotalTime_IsTheLimit()
    {
        await using var slow = await SlowGateway.StartAsync(TimeSpan.FromSeconds(220));

        var heard = await Heard.FromAsync(slow.Client);

        var failure = heard.Broke(QwenFailureKind.TotalTimeout);
        // 50 seconds each: the fifth one was too long.
        Assert.Equal(5, failure.Attempts);
        Assert.Equal(5, slow.Setup.Qwen.Journal.Chats.Count);
        Assert.StartsWith(heard.Text, Setup.Text, StringComparison.Ordinal);
        Assert.InRange(heard.Text.Length, 30, 32);
    }

    [Fact]
    public async Task T11_SilenceAgainAndAgain_IsGoneOnWithEachTime()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3), QwenBehavior.StallAfter(3), QwenBehavior.StallAfter(3));
        var client = setup.Pipeline(
            static options => options.TimeoutRetry.IdleTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var heard = (await Heard.FromAsync(client)).IsWhole();

        Assert.Equal(["stream", .. Enumerable.Repeat("stream+partial", 3)], Requests.Kinds(setup));
        Assert.StartsWith(
            "3 x streaming IdleTimeout",
            (string?)heard.Facts[QwenResponseProperties.Failures],
            StringComparison.Ordinal
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T31_CallerCancelsDuringTheContinuation_EndsAtOnceWithItsToken(bool inTheCatalogue)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3), QwenBehavior.StallAfter(2));
        if (inTheCatalogue)
        {
            setup.Qwen.ModelCatalogueScript.Always(QwenBehavior.Silence());
        }

        using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var text = "";
        var call = Task.Run(
            async () =>
            {
                await foreach (
                    var update in setup.Pipeline().GetStreamingResponseAsync(Ask.Question, null, caller.Token)
                )
                {
                    text += update.Text;
                }
            },
            TestContext.Current.CancellationToken
        );
        var held = await setup.Qwen.Journal.WaitForAsync(
            static exchange => exchange.Number > 1 && exchange.State == QwenExchangeState.Silent,
            TestContext.Current.CancellationToken
        );
        await caller.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, e.CancellationToken);
        Assert.StartsWith(text, Setup.Text, StringComparison.Ordinal);
        Assert.Equal(inTheCatalogue ? 1 : 2, setup.Qwen.Journal.Chats.Count);
        if (!inTheCatalogue)
        {
            // The catalogue is asked for everybody; an answer is the caller's alone.
            await setup.Qwen.Journal.WaitForAsync(
                exchange => exchange.Number == held.Number && exchange.State > QwenExchangeState.Silent,
                TestContext.Current.CancellationToken
            );
        }
    }

    [Fact]
    public async Task C1_ManyAnswersBreakOffAtOnce_OneAsksTheCatalogue()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(3), static request => !request.IsPartial);
        var client = setup.Pipeline(static options => options.TimeoutRetry.RetryBudget.Enabled = false);

        var heard = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Heard.FromAsync(client))));

        Assert.All(heard, static one => one.IsWhole());
        Assert.Single(setup.Qwen.Journal.ModelCatalogueRequests);
        Assert.Equal(32, setup.Qwen.Journal.Chats.Count);
    }

    /// <summary>Each stream takes 50 seconds, without anybody waiting for them, and is cut after one chunk.</summary>
    private sealed class SlowGateway : IAsyncDisposable
    {
        private SlowGateway(Setup setup, IChatClient client)
        {
            Setup = setup;
            Client = client;
        }

        public Setup Setup { get; }

        public IChatClient Client { get; }

        public static async Task<SlowGateway> StartAsync(TimeSpan total)
        {
            var clock = new SkippingClock();
            var setup = await Setup.StartAsync(options =>
                options.Answer = _ =>
                {
                    clock.Advance(TimeSpan.FromSeconds(50));
                    return new QwenSimulatedAnswer { Text = Setup.Text };
                }
            );
            setup.Qwen.Script.Always(
                QwenBehavior.EndAfter(1),
                static request => (request.Prefix?.Length ?? 0) < Setup.Text.Length - 8
            );
            var client = setup.Pipeline(
                options =>
                {
                    options.TimeoutRetry.TotalTimeout = total;
                    options.TimeoutRetry.MaxAttempts = 40;
                    options.TimeoutRetry.RetryBudget.Capacity = 1;
                    options.TimeoutRetry.RetryBudget.Ratio = 0;
                    options.TimeoutRetry.RetryBudget.RefillTime = TimeSpan.FromDays(1);
                },
                time: clock
            );
            return new SlowGateway(setup, client);
        }

        public ValueTask DisposeAsync()
        {
            return Setup.DisposeAsync();
        }
    }
}
