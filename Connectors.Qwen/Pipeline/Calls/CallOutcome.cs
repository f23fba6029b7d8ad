using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What a caller is told about a call as a whole: on its answer, and in the exception when there is none.</summary>
internal static class CallOutcome
{
    /// <summary>Writes on the response what the call took; nothing when it took one request.</summary>
    public static void Annotate(QwenCall call, ChatResponse response)
    {
        if (HasStory(call))
        {
            Fill(call, response.AdditionalProperties ??= []);
        }
    }

    /// <summary>The same for a stream: one more update that names no message. Null when there is nothing to say.</summary>
    public static ChatResponseUpdate? Annotation(QwenCall call)
    {
        if (!HasStory(call))
        {
            return null;
        }

        var update = new ChatResponseUpdate { AdditionalProperties = [] };
        Fill(call, update.AdditionalProperties);
        return update;
    }

    /// <summary>
    /// The failure as the caller reads it. When several requests were sent, or the length of the prompt may be the cause, there is more
    /// to tell than the last failure knows.
    /// </summary>
    /// <returns>The failure of the whole call, the last failure inside; <paramref name="failure"/> itself when there is nothing to add.</returns>
    public static QwenException Of(QwenCall call, QwenException failure)
    {
        if (call.Attempts == 1 && !DependsOnLength(failure.Kind))
        {
            return failure;
        }

        var tokens = Math.Max(1, PromptSize.Of(call.Messages).Tokens);
        return failure.AsOutcome(Message(call, failure, tokens), call.Attempts).WithCall(call.Waited, tokens);
    }

    private static bool HasStory(QwenCall call)
    {
        return call.Attempts > 1 || call.Ledger.RecoveredBy is not null;
    }

    private static void Fill(QwenCall call, AdditionalPropertiesDictionary properties)
    {
        properties[QwenResponseProperties.Attempts] = call.Attempts;
        properties[QwenResponseProperties.WaitedMilliseconds] = (long)call.Waited.TotalMilliseconds;
        if (call.Ledger.RecoveredBy is { } saviour)
        {
            properties[QwenResponseProperties.RecoveredBy] = saviour;
        }

        if (call.Ledger.Tried() is { } tried)
        {
            properties[QwenResponseProperties.Failures] = tried;
        }
    }

    private static bool DependsOnLength(QwenFailureKind kind)
    {
        return kind
            is QwenFailureKind.ContextTooLong
                or QwenFailureKind.ServerTimeout
                or QwenFailureKind.RequestTimeout
                or QwenFailureKind.FirstTokenTimeout
                or QwenFailureKind.TotalTimeout;
    }

    private static string Message(QwenCall call, QwenException failure, long tokens)
    {
        var tried = call.Ledger.Tried() is { } failures ? $": {failures}" : "";
        var came = call.Ledger.DiscardedTokens;
        if (failure.PartialText is { } partial)
        {
            came += PromptSize.TokensOf(partial);
        }

        var received = came > 0 ? $" About {came} tokens of answer had come." : "";
        return FormattableString.Invariant(
            $"{failure.Message} Gave up after {Requests(call.Attempts)} and {call.Waited.TotalSeconds:0.0} s of waiting, with a prompt of about {tokens} tokens{tried}.{received}"
        );
    }

    private static string Requests(int count)
    {
        return count == 1 ? "1 request" : $"{count} requests";
    }
}
