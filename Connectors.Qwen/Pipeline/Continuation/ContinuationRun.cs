using System.Net;
using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>One request after another until an answer that broke off is whole, or nothing more can be done. Not thread-safe.</summary>
internal sealed class ContinuationRun(
    ContinuationContext context,
    FormRequest ask,
    AnswerSoFar answer,
    bool isShown,
    bool isPart
)
{
    private RequestTraits? _traits;
    private BrokenAnswer _broken = new() { IsShown = isShown };
    private bool _isProbe;
    private bool _isKnown = isPart;
    private bool _isOfAnotherModel;
    private bool _isOwnRepeated;
    private readonly string _own = ContinuationRequest.OwnBeginning(ask.Messages);
    private long _startedAt = context.Time.GetTimestamp();
    private TimeSpan _waited = ask.Call.Waited;

    /// <summary>How the words of the current request fit; null while nothing has broken off.</summary>
    public Joint? Joint { get; private set; }

    /// <summary>Whether the answer ended at the caller's limit, by our count.</summary>
    public bool IsAtLimit { get; private set; }

    private string Form => _broken.WasWhole ? RetryRun.NonStreaming : RetryRun.Streaming;

    /// <summary>What its request asks for.</summary>
    public RequestTraits Traits => _traits ??= context.Memory.Inspect(ask.Options, ask.Model.Name);

    // The options may name another model in the service's own words.
    private ModelAt Model => new(Traits.Model, ask.Model.Endpoint);

    /// <summary>Whether the text of the answer is a whole document, be it with the beginning that the caller gave.</summary>
    public bool IsDocument(string said)
    {
        return JsonDocuments.Is(said) || (_own.Length > 0 && JsonDocuments.Is(_own + said));
    }

    /// <summary>Finds the next stream of the answer.</summary>
    /// <param name="exception">Why the last one broke off.</param>
    /// <returns>The stream, neither when the answer is at its end, or what the caller is to get when nothing more can be done.</returns>
    public async Task<(IAsyncEnumerator<ChatResponseUpdate>? Stream, Exception? Failure)> NextAsync(Exception exception)
    {
        if (ask.CancellationToken.IsCancellationRequested || FailureOf(exception) is not { } why)
        {
            // It is the caller's, or nobody knows it.
            return (null, exception);
        }

        Broke(why);
        while (true)
        {
            var decision = await DecideAsync(why).ConfigureAwait(false);
            if (decision.Step is ContinuationStep.End or ContinuationStep.EndByLength)
            {
                IsAtLimit = decision.Step == ContinuationStep.EndByLength;
                return (null, null);
            }

            if (decision.Step == ContinuationStep.GiveUp)
            {
                return (null, GaveUp(exception, why, decision));
            }

            // While the server was waited for: how long the reader thinks proves nothing.
            var ran = _broken.IsUnopened ? TimeSpan.Zero : ask.Call.Waited - _waited;
            if (!context.Effects.Begin(ask.Call, decision, why.Kind, ran, _broken.Tokens))
            {
                decision = ContinuationDecision.No("the call may send no more requests");
                return (null, GaveUp(exception, why, decision));
            }

            _isProbe = why.EndedCleanly;
            var isAnew = decision.Step == ContinuationStep.Restart;
            var own = _isOwnRepeated ? "" : _own;
            Joint = new Joint(answer, answer.Text, own, isAnew, Traits.Stops, context.Memory.Echoes(Model));
            try
            {
                _broken = _broken with { WasWhole = decision.IsWhole, IsUnopened = false };
                var stream = await OpenAsync(decision).ConfigureAwait(false);
                return (stream, null);
            }
            catch (Exception e) when (!ask.CancellationToken.IsCancellationRequested && FailureOf(e) is { } next)
            {
                Learn(next, e);
                if (next.IsUnsent)
                {
                    Continuations.Unsent(ask.Call, decision, _broken.Tokens);
                }

                if (next.NeedsStream)
                {
                    // There is no other form: what the stream ended with is what went wrong.
                    _broken = _broken with
                    {
                        WasWhole = false,
                        IsStreamOnly = true,
                    };
                    continue;
                }

                if (!ask.Call.Has(Stage.TimeoutRetry))
                {
                    ask.Call.Ledger.Add(Form, next.Kind, null, next.RequestId);
                }

                exception = e;
                why = next;
                _broken = _broken with
                {
                    IsUnopened = true,
                    Fruitless = _broken.Fruitless + 1,
                    IsStreamOnly = context.Forms.IsStreamOnly(ask.Model),
                };
            }
        }
    }

    /// <summary>The words of the current request do not fit as they came: whether the whole answer once more can tell.</summary>
    public QwenException Misfit()
    {
        var isDoubtful = Joint!.State == SeamState.Doubtful;
        _broken = _broken with { IsDoubtful = isDoubtful };
        return ContinuationFailure.Misfit(isDoubtful);
    }

    /// <summary>The answer is at its end.</summary>
    public void Finished()
    {
        if (Joint is null)
        {
            return;
        }

        context.Memory.Heard(Model, Joint);
        if (_isProbe)
        {
            // A tool call that came is more, too.
            var wasWhole = !Joint.HasBroughtWords && answer.Committed != CommitLevel.ToolCall;
            context.Memory.EndProbed(Model, wasWhole);
        }

        if (_broken.WasWhole)
        {
            // The service is there; only its streams are not.
            context.Forms.StreamFailed(ask.Model);
        }

        context.Effects.Saved(ask.Call);
    }

    /// <summary>The updates of a request tell which model answers.</summary>
    public void Notice(ChatResponseUpdate update)
    {
        if (!_isOfAnotherModel && answer.IsOfAnotherModel(update))
        {
            _isOfAnotherModel = true;
            context.Effects.ModelChanged(answer.Model, update.ModelId);
        }
    }

    private void Broke(Failure failure)
    {
        context.Memory.Heard(Model, Joint);
        if (!_isKnown)
        {
            context.Effects.Broke(ask.Call, Form, failure, context.Time.GetElapsedTime(_startedAt), answer.Length);
        }

        // The failure of a whole answer was told of where it was asked for.
        _isKnown = false;
        if (_isProbe && Joint!.HasBroughtWords)
        {
            context.Memory.EndProbed(Model, wasWhole: false);
        }

        var said = answer.Text;
        var isOwnSaid = _own.Length > 0 && said.StartsWith(_own, StringComparison.Ordinal);
        _isOwnRepeated = isOwnSaid && _own.Length >= Seam.Revealing;
        _broken = _broken with
        {
            HasOthers = answer.HasOthers,
            // Whether the server repeats the caller's beginning, or the answer happens to begin so, nobody can tell.
            IsDoubtful = _broken.IsDoubtful || (isOwnSaid && !_isOwnRepeated),
            Committed = answer.Committed,
            IsFinished = answer.IsFinished,
            HasWords = Seam.PrefixOf(said) > 0,
            Tokens = PromptSize.TokensOf(said),
            ReasoningTokens = PromptSize.TokensOf(answer.ReasoningLength),
            Fruitless = Joint is { HasBroughtWords: false } ? _broken.Fruitless + 1 : 0,
            IsStreamOnly = context.Forms.IsStreamOnly(ask.Model),
            // Of a document it can be seen whether it is whole.
            IsTrustedEnd = context.Memory.TrustsEnd(Model) && (!Traits.IsJson || IsDocument(said)),
        };
    }

    private Exception GaveUp(Exception exception, Failure why, ContinuationDecision decision)
    {
        context.Effects.GaveUp(why.Kind, decision.Reason);
        return ContinuationFailure.Of(exception, why, answer, wasTried: Joint is not null, decision);
    }

    private async ValueTask<ContinuationDecision> DecideAsync(Failure why)
    {
        var decision = ContinuationPlan.Decide(why, _broken, Traits, context.Options);
        if (decision.Step == ContinuationStep.Continue && !await MayContinueAsync().ConfigureAwait(false))
        {
            decision = ContinuationDecision.No("this model is not known to go on with an answer");
        }

        var isReported = context.Options.Continuation == QwenContinuation.ReportOnly;
        if (isReported && decision.Step is not (ContinuationStep.End or ContinuationStep.GiveUp))
        {
            context.Effects.Reported(why.Kind, decision);
            decision = ContinuationDecision.No("continuation only reports", isTold: false);
        }

        return decision;
    }

    private async ValueTask<bool> MayContinueAsync()
    {
        var startedAt = context.Time.GetTimestamp();
        var may = await context
            .Memory.MayContinueAsync(Model, ask.Call.Remaining, ask.CancellationToken)
            .ConfigureAwait(false);
        ask.Call.AddWait(startedAt);
        return may;
    }

    private async Task<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(ContinuationDecision decision)
    {
        var isAnew = decision.Step == ContinuationStep.Restart;
        var request = isAnew ? ask.Messages : ContinuationRequest.Messages(ask.Messages, answer.Text, _isOwnRepeated);
        var with = isAnew
            ? ask.Options
            : ContinuationRequest.Options(ask.Options, _broken.Tokens, _broken.ReasoningTokens);
        _startedAt = context.Time.GetTimestamp();
        _waited = ask.Call.Waited;
        if (!decision.IsWhole)
        {
            return await CommittedStream
                .OpenAsync(context.Inner, request, with, ask.Call, ask.CancellationToken)
                .ConfigureAwait(false);
        }

        ask.Call.TakesParts = true;
        try
        {
            var whole = await WholeRequest
                .AskAsync(context.Inner, ask with { Messages = request, Options = with }, RestOfLimit, context.Time)
                .ConfigureAwait(false);
            return CommittedStream.Of(whole);
        }
        catch (QwenException e) when (PartOfAnswer.Of(e) is not null && !ask.CancellationToken.IsCancellationRequested)
        {
            _isKnown = true;
            return PartOfAnswer.ShownStream(PartOfAnswer.Of(e)!, e);
        }
    }

    private int? RestOfLimit()
    {
        return ContinuationOptions.Rest(Traits.MaxTokens ?? Traits.MaxCompletionTokens, _broken.Tokens);
    }

    private void Learn(Failure failure, Exception exception)
    {
        if (failure.NeedsStream)
        {
            context.Forms.LearnStreamOnly(ask.Model);
        }
        else if (
            failure.Kind == QwenFailureKind.InvalidRequest
            && Joint is { IsAnew: false }
            && exception is QwenException { StatusCode: HttpStatusCode.BadRequest }
        )
        {
            // The first request was accepted; what differs is that it goes on with an answer.
            context.Memory.Refused(Model);
        }
    }

    private Failure? FailureOf(Exception exception)
    {
        return Failure.Of(exception, context.Options.Classify);
    }
}
