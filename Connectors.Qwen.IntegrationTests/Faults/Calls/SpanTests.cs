using System.Collections.Concurrent;
using System.Diagnostics;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>One answer and its requests read as one story in a trace.</summary>
public sealed class SpanTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task T48_RetryAndOtherForm_AreChildrenOfOneCall(bool streaming)
    {
        using var source = new ActivitySource(nameof(SpanTests));
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static other => other.Name is "Connectors.Qwen" or "System.Net.Http" or nameof(SpanTests),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), request => request.IsStream == streaming);
        var client = setup.Pipeline();

        ActivityTraceId trace;
        using (var outer = source.StartActivity("outer")!)
        {
            trace = outer.TraceId;
            await Ask.Async(client, streaming);
            // What the library does is not left behind as the caller's activity.
            Assert.Same(outer, Activity.Current);
        }

        var spans = stopped.Where(span => span.TraceId == trace).ToList();
        var call = Assert.Single(spans, static span => span.OperationName == "qwen.call");
        var attempts = spans.Where(static span => span.OperationName == "qwen.attempt").OrderBy(Number).ToList();
        Assert.Equal("outer", spans.Single(span => span.SpanId == call.ParentSpanId).OperationName);
        Assert.Equal([1, 2, 3], attempts.Select(Number));
        Assert.All(attempts, attempt => Assert.Equal(call.SpanId, attempt.ParentSpanId));
        Assert.Equal(
            ["ServerTimeout", "ServerTimeout", null],
            attempts.Select(static span => span.GetTagItem("error.type"))
        );
        var (asked, other) = streaming ? ("streaming", "non-streaming") : ("non-streaming", "streaming");
        Assert.Equal([asked, asked, other], attempts.Select(static span => span.GetTagItem("qwen.form")));
        Assert.Equal(other, call.GetTagItem(QwenResponseProperties.RecoveredBy));
        Assert.Equal(ActivityStatusCode.Unset, call.Status);
        // The requests themselves hang below their attempts.
        var requests = spans.Where(static span => span.Source.Name == "System.Net.Http").ToList();
        Assert.Equal(3, requests.Count);
        Assert.All(requests, request => Assert.Contains(attempts, attempt => attempt.SpanId == request.ParentSpanId));
    }

    [Fact]
    public async Task T13_CutAfterWordsAndContinued_IsASecondAttemptOfOneCallThatSaysSo()
    {
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = Listen(stopped);
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(2));
        // A model of its own: other tests leave spans too.
        var client = setup.Pipeline(static options => options.ModelId = "qwen3.8-max");

        var answer = await StreamedAnswer.ReadAsync(client);

        var mine = Of("qwen3.8-max", stopped);
        var call = Assert.Single(mine, static span => span.OperationName == "qwen.call");
        var attempts = mine.Where(static span => span.OperationName == "qwen.attempt").OrderBy(Number).ToList();
        Assert.Equal(
            [(1, "StreamInterrupted", null), (2, null, 1)],
            attempts.Select(static span =>
                (Number(span), (string?)span.GetTagItem("error.type"), (int?)span.GetTagItem("qwen.continuation"))
            )
        );
        Assert.All(attempts, attempt => Assert.Equal(call.SpanId, attempt.ParentSpanId));
        Assert.Equal(
            [ActivityStatusCode.Error, ActivityStatusCode.Unset, ActivityStatusCode.Unset],
            [.. attempts.Select(static span => span.Status), call.Status]
        );
        Assert.Null(call.GetTagItem("error.type"));
        // The call says in its trace what it says on the answer.
        string[] told =
        [
            QwenResponseProperties.RecoveredBy,
            QwenResponseProperties.Attempts,
            QwenResponseProperties.Failures,
            QwenResponseProperties.Continuations,
            QwenResponseProperties.ResentTokens,
        ];
        Assert.Equal(told.Select(key => answer.Facts[key]), told.Select(key => call.GetTagItem(key)));
        Assert.Equal(1, call.GetTagItem(QwenResponseProperties.Continuations));
        Assert.InRange((long)call.GetTagItem(QwenResponseProperties.ResentTokens)!, 1, 16);
    }

    [Fact]
    public async Task T13_CutAfterWordsAndContinuationIsOff_TheCallAndItsAttemptSayHow()
    {
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = Listen(stopped);
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(2));
        var client = setup.Pipeline(static options =>
        {
            Setup.WithoutContinuation(options);
            options.ModelId = "qwen3.7-max";
        });

        var (_, failure) = await Ask.ReadAsync(client);

        Assert.IsType<QwenException>(failure);
        var mine = Of("qwen3.7-max", stopped);
        Assert.Equal(["qwen.attempt", "qwen.call"], mine.Select(static span => span.OperationName).Order());
        Assert.All(
            mine,
            static span =>
                Assert.Equal(
                    ("StreamInterrupted", ActivityStatusCode.Error),
                    ((string?)span.GetTagItem("error.type"), span.Status)
                )
        );
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static other => other.Name == "Connectors.Qwen",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static List<Activity> Of(string model, IEnumerable<Activity> spans)
    {
        return [.. spans.Where(span => (string?)span.GetTagItem("gen_ai.request.model") == model)];
    }

    private static int Number(Activity span)
    {
        return (int)span.GetTagItem("qwen.attempt")!;
    }
}
