using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>One request for a whole answer, or for the whole rest of one.</summary>
internal static class WholeRequest
{
    /// <param name="inner">Who is asked.</param>
    /// <param name="ask">What is asked, as part of which call.</param>
    /// <param name="limit">The limit of tokens of this request; called when it matters.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="QwenException">Also when the server ended the answer at its limit of time.</exception>
    public static async Task<ChatResponse> AskAsync(
        IChatClient inner,
        FormRequest ask,
        Func<int?> limit,
        TimeProvider time
    )
    {
        var call = ask.Call;
        call.EnterAttempt();
        var startedAt = time.GetTimestamp();
        var response = await inner
            .GetResponseAsync(ask.Messages, ask.Options, ask.CancellationToken)
            .ConfigureAwait(false);
        var took = call.AttemptTime ?? time.GetElapsedTime(startedAt);
        if (
            !call.TakesParts
            || response.FinishReason != ChatFinishReason.Length
            || !FallbackPlan.IsCutByTime(
                took,
                RequestClock.ServerTimeout(response),
                limit(),
                response.Usage?.OutputTokenCount
            )
        )
        {
            return response;
        }

        var cut = PartOfAnswer.Cut(response);
        // The stage that counts requests has taken it for an answer.
        call.Ledger.Add(RetryRun.NonStreaming, cut.Kind, took, cut.RequestId);
        call.Ledger.Usage.Add(response.Usage);
        throw cut;
    }
}
