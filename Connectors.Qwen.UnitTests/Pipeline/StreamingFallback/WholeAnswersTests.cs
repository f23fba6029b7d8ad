using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Pipeline.StreamingFallback;

/// <summary>Calls that cannot pay for the change to the whole answer.</summary>
public sealed class WholeAnswersTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WholeAnswers _answers;

    public WholeAnswersTests()
    {
        _answers = new WholeAnswers(_time);
    }

    [Fact]
    public async Task MayAskAsync_OneFindsOut_TheOthersFollow()
    {
        var (first, waiting) = Begin(5);

        Assert.All(waiting, static task => Assert.False(task.IsCompleted));
        _answers.Ended(first, came: true);

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.True(await AskAsync(NewCall()));
        _time.Advance(WholeAnswers.Lasting);
        // Known no longer: this one finds out anew, and that one waits.
        Assert.True(await AskAsync(NewCall()));
        Assert.False(AskAsync(NewCall()).IsCompleted);
    }

    [Fact]
    public async Task MayAskAsync_NoneCame_NobodyAsksForAWhile()
    {
        var (first, waiting) = Begin(5);

        _answers.Ended(first, came: false);

        Assert.All(await Task.WhenAll(waiting), Assert.False);
        Assert.False(await AskAsync(NewCall()));
        _time.Advance(WholeAnswers.Lasting);
        Assert.True(await AskAsync(NewCall()));
    }

    [Fact]
    public async Task MayAskAsync_TheOneWhoFindsOutLeaves_ExactlyOneTakesOver()
    {
        var (first, waiting) = Begin(5);

        _answers.Ended(first, came: null);
        Assert.True(await await Task.WhenAny(waiting));
        // Whoever else would go on has had the time to.
        await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);

        Assert.Equal(1, waiting.Count(static task => task.IsCompleted));
    }

    [Fact]
    public async Task Ended_AnAnswerThatWasPaidForCame_NobodyWaitsAnyMore()
    {
        var (first, waiting) = Begin(3);

        _answers.Ended(NewCall(), came: true);

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        // What becomes of the first is no news.
        _answers.Ended(first, came: false);
        Assert.True(await AskAsync(NewCall()));
    }

    [Fact]
    public async Task Ended_AnAnswerThatWasPaidForFailed_SaysNothing()
    {
        var (first, waiting) = Begin(1);

        _answers.Ended(NewCall(), came: false);
        Assert.False(waiting[0].IsCompleted);
        _answers.Ended(first, came: true);

        Assert.True(await waiting[0]);
    }

    [Fact]
    public async Task MayAskAsync_WhoWaitsLeavesOrHasNoTimeLeft_Ends()
    {
        Begin(0);
        using var leaving = new CancellationTokenSource();
        var hasNoTime = NewCall();
        hasNoTime.TotalTimeout = TimeSpan.FromSeconds(7);

        var cancelled = AskAsync(NewCall(), leaving.Token);
        var late = AskAsync(hasNoTime);
        await leaving.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(7));

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(leaving.Token, e.CancellationToken);
        Assert.False(await late);
        Assert.Equal(TimeSpan.Zero, hasNoTime.Remaining);
    }

    private (QwenCall First, Task<bool>[] Waiting) Begin(int others)
    {
        var first = NewCall();
        var asking = AskAsync(first);
        Assert.True(asking.IsCompletedSuccessfully && asking.Result);
        return (first, [.. Enumerable.Range(0, others).Select(_ => AskAsync(NewCall()))]);
    }

    private Task<bool> AskAsync(QwenCall call, CancellationToken cancellationToken = default)
    {
        return _answers.MayAskAsync(call, cancellationToken).AsTask();
    }

    private QwenCall NewCall()
    {
        return QwenCall.Join(null, Stage.StreamingFallback, this, MessageSnapshot.Of(Inner.Hello), _time);
    }
}
