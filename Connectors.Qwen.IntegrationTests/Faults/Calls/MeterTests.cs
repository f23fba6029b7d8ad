using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>What operators see of a call that was not simple, from the metrics alone. Other tests count too: at least.</summary>
public sealed class MeterTests
{
    [Fact]
    public async Task T48_RetryThenOtherForm_IsCounted()
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);

        await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.True(metrics.Sum("qwen.client.attempts") >= 3);
        Assert.True(metrics.Sum("qwen.client.retries") >= 1);
        Assert.True(metrics.Sum("qwen.client.fallbacks") >= 1);
        Assert.True(metrics.Count("qwen.client.retry.delay") >= 1);
        Assert.True(metrics.Count("qwen.client.time_to_first_token") >= 1);
    }

    [Fact]
    public async Task T38_Outage_IsCounted()
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Status(503, "no"));
        var client = setup.Pipeline(
            static options => options.TimeoutRetry.RetryBudget.Capacity = 5,
            time: new SkippingClock()
        );

        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: false));
        }

        Assert.True(metrics.Sum("qwen.client.retry_budget.refusals") >= 1);
        Assert.True(metrics.Sum("qwen.client.circuit.changes") >= 1);
        Assert.True(metrics.Sum("qwen.client.failures") >= 20);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T12_T36_AnswerThatIsCutAndContinued_IsCounted(bool streaming)
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(streaming ? QwenBehavior.ResetAfter(4) : CutWhole());

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.True(metrics.Sum("qwen.client.continuations") >= 1);
        Assert.True(metrics.Sum("qwen.client.continuations", "error.type", "StreamInterrupted") >= 1);
        // Also the rest of a whole answer comes as a stream.
        Assert.True(metrics.Sum("qwen.client.continuations", "qwen.form", "streaming") >= 1);
        Assert.True(metrics.Sum("qwen.client.continuations", "qwen.anew", false) >= 1);
    }

    [Fact]
    public async Task T36_AnswerThatIsCutAndAskedForAgain_ItsTokensAreCounted()
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(CutWhole());

        var response = await Ask.Async(setup.Pipeline(Setup.WithoutContinuation), streaming: false);

        Assert.Equal(Setup.Text, response.Text);
        Assert.True(metrics.Sum("qwen.client.tokens.discarded") >= 6);
    }

    private static QwenBehavior CutWhole()
    {
        return QwenBehavior.Completion(Chunk.WholeText(Setup.Text[..32], reason: null));
    }
}
