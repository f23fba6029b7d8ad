using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// How long an attempt may take: the options, the size of the prompt, and what the server has said of its own limits. Thread-safe.
/// </summary>
internal sealed class RequestClock(TimeoutRetryOptions options, BoundedMemory<ModelAt, TimeSpan>? serverTimeouts = null)
{
    // So that the server's own limit, and what it says then, comes before ours.
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(30);

    private readonly BoundedMemory<ModelAt, TimeSpan> _serverTimeouts = serverTimeouts ?? new();

    /// <summary>For a whole answer. Where the option was left at its default, a server that takes more time gets it.</summary>
    public TimeSpan ForWhole(ModelAt model)
    {
        return
            options.RequestTimeout == TimeoutRetryOptions.DefaultRequestTimeout
            && _serverTimeouts.TryGet(model, out var server)
            && server + Beyond > options.RequestTimeout
            ? server + Beyond
            : options.RequestTimeout;
    }

    /// <summary>For the first word of a stream: the longer the prompt, the later it comes.</summary>
    public TimeSpan ForFirstToken(MessageSnapshot messages)
    {
        if (
            options.FirstTokenTimeout == Timeout.InfiniteTimeSpan
            || options.FirstTokenTimeoutPerKilobyte == TimeSpan.Zero
        )
        {
            return options.FirstTokenTimeout;
        }

        var kilobytes = PromptSize.Of(messages).Bytes / 1024.0;
        return options.FirstTokenTimeout + (options.FirstTokenTimeoutPerKilobyte * kilobytes);
    }

    /// <summary>Learns from an answer how long the server lets this model take.</summary>
    public void Learn(ModelAt model, ChatResponse response)
    {
        if (ServerTimeout(response) is { } limit)
        {
            _serverTimeouts.Set(model, limit);
        }
    }

    /// <summary>How long the server lets a request take, as its answer says; null when it does not.</summary>
    public static TimeSpan? ServerTimeout(ChatResponse response)
    {
        return Seconds(response) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    // A cache between us and the server may have made JSON of it.
    private static long? Seconds(ChatResponse response)
    {
        return response.AdditionalProperties?.GetValueOrDefault(QwenResponseProperties.ServerTimeoutSeconds) switch
        {
            long seconds => seconds,
            JsonElement { ValueKind: JsonValueKind.Number } json when json.TryGetInt64(out var seconds) => seconds,
            _ => null,
        };
    }
}
