using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What a caller is told about a call as a whole: on its answer, and in the exception when there is none.</summary>
internal static class CallOutcome
{
    /// <summary>Writes on the response what the call took; nothing when it took one request.</summary>
    public static void Annotate(QwenCall call, ChatResponse response)
    {
        call.Ledger.Usage.Add(response.Usage);
        if (HasStory(call))
        {
            Fill(call, response.AdditionalProperties ??= []);
            response.Usage = call.Ledger.Usage.Of(call.Attempts);
        }
    }

    /// <summary>The same for embeddings. Failed requests for them report no cost, so their usage stays as it is.</summary>
    public static void Annotate(QwenCall call, GeneratedEmbeddings<Embedding<float>> embeddings)
    {
        if (HasStory(call))
        {
            Fill(call, embeddings.AdditionalProperties ??= []);
        }
    }

    /// <summary>The same for a stream: one more update that names no message. Null when there is nothing to say.</summary>
    public static ChatResponseUpdate? Annotation(QwenCall call, string? responseId)
    {
        if (!HasStory(call))
        {
            return null;
        }

        var update = new ChatResponseUpdate { ResponseId = responseId, AdditionalProperties = [] };
        Fill(call, update.AdditionalProperties);
        if (call.Ledger.Usage.Of(call.Attempts) is { } usage)
        {
            update.Contents.Add(new UsageContent(usage));
        }

        return update;
    }

    /// <summary>
    /// Takes what one request cost off an update where it is not what the call cost: <see cref="Annotation"/> tells the sum.
    /// </summary>
    public static ChatResponseUpdate Account(QwenCall call, ChatResponseUpdate update)
    {
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent usage)
            {
                call.Ledger.Usage.Add(usage.Details);
                return HasStory(call) ? Without(update, usage) : update;
            }
        }

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

    // A copy: the update may be kept by whoever made it.
    private static ChatResponseUpdate Without(ChatResponseUpdate update, UsageContent usage)
    {
        var copy = update.Clone();
        copy.Contents = [.. update.Contents.Where(content => content != usage)];
        return copy;
    }

    private static bool HasStory(QwenCall call)
    {
        return call.Attempts > 1 || call.Ledger.RecoveredBy is not null || call.Ledger.Continuations > 0;
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

        if (call.Ledger.FailedRequestIds is { } ids)
        {
            properties[QwenResponseProperties.FailedRequestIds] = ids;
        }

        if (call.Ledger.Continuations > 0)
        {
            properties[QwenResponseProperties.Continuations] = call.Ledger.Continuations;
            properties[QwenResponseProperties.ResentTokens] = call.Ledger.ResentTokens;
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
