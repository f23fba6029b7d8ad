using System.Runtime.ExceptionServices;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>What <see cref="StreamingFallbackChatClient"/> does: it chooses the form of each request of a call, and makes one answer of them.</summary>
internal sealed class FallbackStage : IStage
{
    private readonly IChatClient _inner;
    private readonly StreamingFallbackOptions _options;
    private readonly TimeProvider _time;
    private readonly ModelNames _models;
    private readonly FormChanges _changes;
    private readonly FormMemory _forms;
    private readonly FormAnswers _answers;

    public FallbackStage(
        IChatClient inner,
        ModelNames models,
        StreamingFallbackOptions options,
        TimeProvider time,
        ILogger logger,
        PipelineState state
    )
    {
        var outages = new OutageLogger(logger, time);
        _inner = inner;
        _time = time;
        _models = models;
        _options = options;
        _changes = new FormChanges(outages);
        _forms = state.Keep(options.FailureSettings, () => new FormMemory(options, time, logger));
        var continuation = new ContinuationContext(
            inner,
            options,
            new ContinuationMemory(
                inner,
                options,
                time,
                logger,
                state.Keep<BoundedMemory<ModelAt, ContinuationMemory.Habits>>()
            ),
            _forms,
            new Continuations(outages, logger),
            time
        );
        _answers = new FormAnswers(inner, options, continuation, _changes, time);
    }

    public async Task<ChatResponse> AnswerAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var model = await _models.FindAsync(options, call, cancellationToken).ConfigureAwait(false);
        var ask = new FormRequest(call, model, messages, options, cancellationToken);
        if (Resumption.Of(ask, _time.GetUtcNow()) is { } resumption)
        {
            return await FormAnswers.ReadAsync(_answers.Resumed(resumption)).ConfigureAwait(false);
        }

        if (_options.UpgradeToStreaming && _forms.IsStreamOnly(ask.Model))
        {
            return await _answers.StreamedAsync(ask).ConfigureAwait(false);
        }

        try
        {
            return await _answers.WholeAsync(ask).ConfigureAwait(false);
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && Failure.Of(e, _options.Classify) is { } failure
                && (PartOfAnswer.Of(e) is not null || FallbackPlan.AsksForStream(failure, _options))
                && !_answers.TraitsOf(ask).HasSeveralAnswers
            )
        {
            Learn(ask.Model, failure);
            if (
                PartOfAnswer.Of(e) is { } part
                && await _answers.RestAsync(ask, part, e).ConfigureAwait(false) is { } answer
            )
            {
                return answer;
            }

            if (
                !FallbackPlan.AsksForStream(failure, _options)
                || !_changes.Begin(call, failure, e, RetryRun.NonStreaming, RetryRun.Streaming)
            )
            {
                throw;
            }

            return await _answers.StreamedAsync(ask).ConfigureAwait(false);
        }
    }

    public async Task<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var model = await _models.FindAsync(options, call, cancellationToken).ConfigureAwait(false);
        var ask = new FormRequest(call, model, messages, options, cancellationToken);
        if (Resumption.Of(ask, _time.GetUtcNow()) is { } resumption)
        {
            return _answers.Resumed(resumption);
        }

        var isTrial = false;
        if (_options.Enabled && !_forms.MayStream(ask.Model, out isTrial))
        {
            return await InsteadOfStreamAsync(ask).ConfigureAwait(false);
        }

        try
        {
            var stream = await CommittedStream
                .OpenAsync(_inner, messages, options, call, cancellationToken)
                .ConfigureAwait(false);
            if (isTrial)
            {
                _forms.StreamWorked(ask.Model);
            }
            else
            {
                _forms.StreamBegan(ask.Model);
            }

            return _answers.Continued(ask, stream, isShown: true);
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && Failure.Of(e, _options.Classify) is { } failure
                && FallbackPlan.AsksForWhole(failure, CommitLevel.Nothing, _forms.IsStreamOnly(ask.Model), _options)
            )
        {
            var known = _forms.WholeOf(ask.Model);
            if (!await _changes.BeginWholeAsync(ask, failure, e, known).ConfigureAwait(false))
            {
                throw;
            }

            IAsyncEnumerator<ChatResponseUpdate> whole;
            try
            {
                whole = await _answers.AsUpdatesAsync(ask).ConfigureAwait(false);
            }
            catch (Exception other)
            {
                var concernsOthers =
                    !cancellationToken.IsCancellationRequested
                    && Failure.Of(other, _options.Classify) is { } why
                    && FallbackPlan.ConcernsOthers(why);
                known?.Ended(call, came: concernsOthers ? false : null);
                if (other is QwenException { NeedsStream: true })
                {
                    _forms.LearnStreamOnly(ask.Model);
                }
                else if (other is not QwenException { IsUnsent: true })
                {
                    throw;
                }

                // There is no other form, or it was not asked: what the stream ended with is what went wrong.
                ExceptionDispatchInfo.Throw(e);
                throw;
            }

            known?.Ended(call, came: true);
            // The service is there; only its streams are not.
            _forms.StreamFailed(ask.Model);
            return whole;
        }
    }

    public ValueTask BrokeAsync(QwenCall call, ChatOptions? options, Exception exception)
    {
        var model = _models.Of(options, call);
        if (
            _options.Enabled
            && !_forms.IsStreamOnly(model)
            && Failure.Of(exception, _options.Classify) is { } failure
            && (FailureTable.Of(failure.Kind).OtherForm & OtherForm.Whole) != OtherForm.None
        )
        {
            _forms.StreamFailed(model);
        }

        return default;
    }

    /// <summary>For a model whose streams keep failing: the whole answer at once; a stream only when that cannot come.</summary>
    private async Task<IAsyncEnumerator<ChatResponseUpdate>> InsteadOfStreamAsync(FormRequest ask)
    {
        try
        {
            return await _answers.AsUpdatesAsync(ask).ConfigureAwait(false);
        }
        catch (Exception e)
            when (!ask.CancellationToken.IsCancellationRequested
                && Failure.Of(e, _options.Classify) is { } failure
                // Whatever the switch for whole answers says: a stream is what was asked for.
                && FallbackPlan.AsksForStream(failure)
            )
        {
            Learn(ask.Model, failure);
            if (!_changes.Begin(ask.Call, failure, e, RetryRun.NonStreaming, RetryRun.Streaming))
            {
                throw;
            }

            var stream = await CommittedStream
                .OpenAsync(_inner, ask.Messages, ask.Options, ask.Call, ask.CancellationToken)
                .ConfigureAwait(false);
            _forms.StreamWorked(ask.Model);
            return _answers.Continued(ask, stream, isShown: true);
        }
    }

    private void Learn(ModelAt model, Failure failure)
    {
        if (failure.NeedsStream)
        {
            _forms.LearnStreamOnly(model);
        }
    }
}
