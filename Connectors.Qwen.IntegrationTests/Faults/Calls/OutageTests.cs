using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>Rows T38 and T39: an outage is neither multiplied nor waited for without end.</summary>
public sealed class OutageTests
{
    private const int Callers = 1000;

    [Theory, InlineData(true), InlineData(false)]
    public async Task T38_UpstreamIsDead_FewRequestsMoreThanCallersAndAFastClearFailure(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Status(503, "upstream connect error"));
        var clock = new SkippingClock();
        var client = setup.Pipeline(time: clock);

        var failures = await Task.WhenAll(
            Enumerable
                .Range(0, Callers)
                .Select(async _ => await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming)))
        );

        Assert.InRange(setup.Qwen.Journal.Chats.Count, 1, Callers * 12 / 10);
        Assert.All(
            failures,
            static failure => Assert.True(failure.Kind is QwenFailureKind.ServerError or QwenFailureKind.CircuitOpen)
        );
        // A circuit needs ten requests of its form: a few calls more, until both forms have had them.
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));
        }

        // Both are open now: nothing is sent, and the message says for how long.
        var before = setup.Qwen.Journal.Chats.Count;
        var refused = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));
        Assert.Equal((QwenFailureKind.CircuitOpen, 0), (refused.Kind, refused.Attempts));
        Assert.Equal(before, setup.Qwen.Journal.Chats.Count);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(15));
        Assert.Contains("TimeoutRetry.Circuit", refused.Message, StringComparison.Ordinal);
        // The outage is told, not each of its victims.
        Assert.InRange(setup.Logs.Count(204), 1, 2);
        Assert.InRange(
            setup.Logs.Entries.Count(static entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Warning),
            1,
            200
        );
    }

    [Fact]
    public async Task T38_UpstreamIsBack_OneRequestFindsOutAndAllGoOn()
    {
        await using var setup = await Setup.StartAsync();
        var isDown = true;
        setup.Qwen.Script.Always(QwenBehavior.Status(503, "no"), _ => Volatile.Read(ref isDown));
        var clock = new SkippingClock();
        var client = setup.Pipeline(
            static options => options.StreamingFallback.UpgradeToStreaming = false,
            time: clock
        );
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: false));
        }

        var before = setup.Qwen.Journal.Chats.Count;
        Volatile.Write(ref isDown, false);
        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: false));
        Assert.Equal(before, setup.Qwen.Journal.Chats.Count);
        clock.Advance(TimeSpan.FromSeconds(16));

        var response = await Ask.Async(client, streaming: false);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(before + 1, setup.Qwen.Journal.Chats.Count);
        Assert.Equal((1, 1, 1), (setup.Logs.Count(204), setup.Logs.Count(205), setup.Logs.Count(206)));
    }

    [Fact]
    public async Task T38_UpstreamDiesUnderOpenStreams_FewRequestsMoreAndTheTextThatCame_ThenAllGoOn()
    {
        const int Streams = 200;
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        var isDown = true;
        // Each stream has brought some words; nothing that is to go on with them is answered.
        setup.Qwen.Script.Always(request =>
            !Volatile.Read(ref isDown) ? null
            : request.IsPartial ? QwenBehavior.Status(503, "no")
            : Gate.Hold(QwenBehavior.EndAfter(2))
        );
        var clock = new SkippingClock();
        var client = setup.Pipeline(time: clock);

        // All are on their way before the first breaks: one that came later would find the circuit open.
        var streams = Enumerable.Range(0, Streams).Select(_ => Ask.ReadAsync(client)).ToArray();
        Assert.True(await Eventually.TrueAsync(() => setup.Qwen.Journal.Chats.Count == Streams));
        foreach (var held in setup.Qwen.Journal.Chats)
        {
            await gate.OpenAsync(held);
        }

        var broken = await Task.WhenAll(streams);

        Assert.All(
            broken,
            static seen =>
            {
                var failure = Assert.IsType<QwenException>(seen.Failure);
                Assert.Equal(QwenFailureKind.StreamInterrupted, failure.Kind);
                Assert.Equal((Setup.Text[..16], Setup.Text[..16]), (seen.Text, failure.PartialText));
            }
        );
        // A fifth of the answers that began, and what the bucket held.
        Assert.InRange(setup.Qwen.Journal.Chats.Count, Streams + 1, (Streams * 12 / 10) + 10);

        Volatile.Write(ref isDown, false);
        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: true)).Text);
        var before = setup.Qwen.Journal.Chats.Count;
        var answers = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => Ask.Async(client, streaming: true)));
        Assert.All(answers, static answer => Assert.Equal(Setup.Text, answer.Text));
        Assert.Equal(before + Streams, setup.Qwen.Journal.Chats.Count);
    }

    [Theory]
    [InlineData(400, "invalid_parameter_error")]
    [InlineData(401, "invalid_api_key")]
    [InlineData(404, "model_not_found")]
    [InlineData(429, "limit_requests")]
    public async Task T38_FailuresThatAreNotTheServices_DoNotOpenTheCircuit(int status, string code)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Error(status, code, "no"));
        var client = setup.Pipeline(static options => options.TimeoutRetry.MaxRetries = 0);
        for (var i = 0; i < 30; i++)
        {
            await Assert.ThrowsAnyAsync<QwenException>(() => Ask.Async(client, streaming: i % 2 == 0));
        }

        Assert.Equal(30, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(0, setup.Logs.Count(204));
    }

    [Fact]
    public async Task T38_CircuitOfStreams_LeavesWholeAnswersAlone()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);
        // Its own memory of forms would hide the circuit.
        var client = setup.Pipeline(static options => options.StreamingFallback.FailureThreshold = 0);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: true)).Text);
        }

        Assert.Equal(1, setup.Logs.Count(204));
        Assert.InRange(setup.Qwen.Journal.Chats.Count(static chat => chat.IsStream), 10, 12);
        Assert.Equal(20, setup.Qwen.Journal.Chats.Count(static chat => !chat.IsStream));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T39_SilenceAndErrorsWithoutEnd_EndWithTheTotalTime(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Status(503, "no"));
        setup.Qwen.Script.Always(QwenBehavior.Silence());
        var total = SilenceClock.Limit + TimeSpan.FromSeconds(20);
        var client = setup.Pipeline(
            options =>
            {
                options.TimeoutRetry.FirstTokenTimeout = SilenceClock.Limit;
                options.TimeoutRetry.FirstTokenTimeoutPerKilobyte = TimeSpan.Zero;
                options.TimeoutRetry.RequestTimeout = SilenceClock.Limit;
                options.TimeoutRetry.TotalTimeout = total;
            },
            time: setup.StartClock()
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.TotalTimeout, failure.Kind);
        Assert.Contains("TimeoutRetry.TotalTimeout", failure.Message, StringComparison.Ordinal);
        // Its clock leaps by 40 s at a time.
        Assert.InRange(failure.Waited, total, total + TimeSpan.FromSeconds(45));
        Assert.Equal([503, 200, 200], setup.ChatStatuses().Select(static status => status == 0 ? 200 : status));
    }
}
