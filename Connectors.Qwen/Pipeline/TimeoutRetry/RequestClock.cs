using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// How long an attempt may take: the options, the size of the prompt, and what the server has said of its own limits. Thread-safe.
/// </summary>
internal sealed class RequestClock(TimeoutRetryOptions options)
{
    // Models are named by callers.
    private const int MaxModels = 200;

    // So that the server's own limit, and what it says then, comes before ours.
    private static readonly TimeSpan Beyond = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, TimeSpan> _serverTimeouts = new(StringComparer.Ordinal);

    /// <summary>For a whole answer. Where the option was left at its default, a server that takes more time gets it.</summary>
    public TimeSpan ForWhole(string model)
    {
        return
            options.RequestTimeout == TimeoutRetryOptions.DefaultRequestTimeout
            && _serverTimeouts.TryGetValue(model, out var server)
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
    public void Learn(string model, ChatResponse response)
    {
        if (
            Seconds(response) is { } seconds
            && (_serverTimeouts.Count < MaxModels || _serverTimeouts.ContainsKey(model))
        )
        {
            _serverTimeouts[model] = TimeSpan.FromSeconds(seconds);
        }
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
