using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>Asks for an answer in one form, and goes on with what broke off. It does not choose the form.</summary>
internal sealed class FormAnswers(
    IChatClient inner,
    StreamingFallbackOptions options,
    ContinuationContext continuation,
    FormChanges changes,
    TimeProvider time
)
{
    /// <summary>The whole answer.</summary>
    /// <exception cref="QwenException">Also when the server ended it at its limit of time.</exception>
    public Task<ChatResponse> WholeAsync(FormRequest ask)
    {
        ask.Call.TakesParts = options.UpgradeToStreaming || options.Continuation == QwenContinuation.On;
        return WholeRequest.AskAsync(
            inner,
            ask,
            () => TraitsOf(ask).MaxTokens ?? TraitsOf(ask).MaxCompletionTokens,
            time
        );
    }

    /// <summary>The rest of a whole answer of which a part came; null when it cannot be asked for.</summary>
    public async Task<ChatResponse?> RestAsync(FormRequest ask, ChatResponse part, Exception why)
    {
        try
        {
            return await ReadAsync(Continued(ask, PartOfAnswer.Stream(part, why), isShown: false, isPart: true))
                .ConfigureAwait(false);
        }
        catch (Exception e)
            when (!ask.CancellationToken.IsCancellationRequested
                && e is not QwenException { Kind: QwenFailureKind.TotalTimeout }
            )
        {
            // Nobody has seen any of it: all of it can still be asked for.
            return null;
        }
    }

    /// <summary>The whole answer put together from a stream. Nobody has seen any of it: one that breaks off is asked for once more.</summary>
    public async Task<ChatResponse> StreamedAsync(FormRequest ask)
    {
        for (var isAgain = false; ; isAgain = true)
        {
            var stream = await CommittedStream
                .OpenAsync(inner, ask.Messages, ask.Options, ask.Call, ask.CancellationToken)
                .ConfigureAwait(false);
            try
            {
                var response = await ReadAsync(Continued(ask, stream, isShown: false)).ConfigureAwait(false);
                changes.Came(ask.Call, RetryRun.Streaming);
                return response;
            }
            catch (Exception e)
                when (!isAgain
                    && !ask.CancellationToken.IsCancellationRequested
                    && Failure.Of(e, options.Classify) is { } failure
                    && FallbackPlan.AsksAgain(failure)
                )
            {
                if (!changes.BeginAgain(ask.Call, failure, e))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The whole answer in the place of a stream.</summary>
    public async Task<IAsyncEnumerator<ChatResponseUpdate>> AsUpdatesAsync(FormRequest ask)
    {
        try
        {
            var whole = await WholeAsync(ask).ConfigureAwait(false);
            changes.Came(ask.Call, RetryRun.NonStreaming);
            return CommittedStream.Of(whole);
        }
        catch (QwenException e) when (PartOfAnswer.Of(e) is not null && !ask.CancellationToken.IsCancellationRequested)
        {
            return Continued(ask, PartOfAnswer.ShownStream(PartOfAnswer.Of(e)!, e), isShown: true, isPart: true);
        }
    }

    /// <summary>A stream that is gone on with when it breaks off.</summary>
    public ContinuedStream Continued(
        FormRequest ask,
        IAsyncEnumerator<ChatResponseUpdate> stream,
        bool isShown,
        bool isPart = false
    )
    {
        var answer = new AnswerSoFar();
        return new ContinuedStream(
            new ContinuationRun(continuation, ask, answer, isShown, isPart),
            answer,
            stream,
            ResumeTokens.For(ask, time)
        );
    }

    /// <summary>The rest of an answer that another call had begun.</summary>
    public ContinuedStream Resumed(Resumption resumption)
    {
        var ask = resumption.Ask;
        // The first request was another call's.
        ask.Call.Unsent();
        var answer = new AnswerSoFar();
        answer.Add(resumption.Said);
        var tokens = ResumeTokens.For(ask, time);
        tokens?.Add(resumption.Said.Text);
        var why = new QwenException(
            QwenFailureKind.StreamInterrupted,
            "An answer that another call had begun is asked to go on."
        );
        var run = new ContinuationRun(continuation, ask, answer, isShown: true, isPart: true);
        return new ContinuedStream(run, answer, PartOfAnswer.Stream(new ChatResponse(), why), tokens);
    }

    /// <summary>What is asked for.</summary>
    public RequestTraits TraitsOf(FormRequest ask)
    {
        return continuation.Memory.Inspect(ask.Options, ask.Model.Name);
    }

    /// <summary>A stream that nobody sees as it comes.</summary>
    public static async Task<ChatResponse> ReadAsync(ContinuedStream stream)
    {
        await using var _ = stream.ConfigureAwait(false);
        var updates = new List<ChatResponseUpdate>();
        while (await stream.MoveNextAsync().ConfigureAwait(false))
        {
            updates.Add(stream.Current);
        }

        return updates.ToChatResponse();
    }
}
