using System.Globalization;

namespace Connectors.Qwen.Demos.Chat.Side;

/// <summary>The library's log events in a person's words. Their ids are stable: 1xx tokens, 2xx retries, 3xx fallback, 4xx requests.</summary>
internal static class PipelineStory
{
    public const int Asking = 401;

    private const int Answered = 402;

    /// <summary>The line for an event; null when it is not worth one.</summary>
    public static string? Tell(int eventId, IReadOnlyDictionary<string, object?> values)
    {
        return eventId switch
        {
            102 => $"token {Text(values, "Reason")} → renewing it",
            103 => $"token renewed in {Duration(values, "ElapsedMs")}",
            104 => $"token not renewed: {Kind(values)}",
            105 => "token not renewed, but the old one still works",
            106 => "the server rejected the token",
            107 => "asked again with the new token",
            108 => "the new token works",
            109 => "there is no other token",
            110 => "new token not saved, kept in memory",
            201 => $"{Kind(values)} → retry in {Duration(values, "DelayMs")}",
            202 => "the retry worked",
            203 => $"{Kind(values)} → not retried: {Text(values, "Reason")}",
            301 => $"{Kind(values)} before any word → asking without streaming",
            302 => $"the answer came in one piece, {Requests(values)} in all",
            303 => $"{Kind(values)} → gave up, {Requests(values)} in all",
            311 => $"{Kind(values)} after {Text(values, "Characters")} characters",
            312 => $"going on where it broke, with {Text(values, "Tokens")} tokens that were there",
            313 => $"the answer is whole, {Requests(values)} in all",
            314 => $"not gone on with: {Text(values, "Reason")}",
            Asking => values.GetValueOrDefault("IsStream") is true ? "request, streaming" : "request, not streaming",
            Answered when values.GetValueOrDefault("Status") is >= 300 and var status => $"HTTP {status}",
            _ => null,
        };
    }

    /// <summary>Whether this program knows the event, be it that it says nothing about it.</summary>
    public static bool IsTold(int eventId)
    {
        return eventId
            is (>= 101 and <= 110)
                or (>= 201 and <= 203)
                or (>= 301 and <= 303)
                or (>= 311 and <= 314)
                or (>= 401 and <= 403);
    }

    private static string Kind(IReadOnlyDictionary<string, object?> values)
    {
        return values.GetValueOrDefault("Kind") switch
        {
            QwenFailureKind.ServerTimeout => "stream timeout",
            QwenFailureKind.RateLimited => "too many requests",
            QwenFailureKind.StreamInterrupted => "the stream broke off",
            QwenFailureKind.EmptyResponse => "an empty answer",
            QwenFailureKind.Connection => "no connection",
            QwenFailureKind.FirstTokenTimeout => "no first word in time",
            QwenFailureKind.IdleTimeout => "the stream fell silent",
            QwenFailureKind kind => Words(kind.ToString()),
            _ => "a failure",
        };
    }

    private static string Words(string name)
    {
        return string.Concat(name.Select((c, at) => at > 0 && char.IsUpper(c) ? $" {c}" : $"{c}")).ToLowerInvariant();
    }

    private static string Text(IReadOnlyDictionary<string, object?> values, string name)
    {
        return Convert.ToString(values.GetValueOrDefault(name), CultureInfo.InvariantCulture) ?? "";
    }

    private static string Requests(IReadOnlyDictionary<string, object?> values)
    {
        return values.GetValueOrDefault("Attempts") is 1 ? "1 request" : $"{Text(values, "Attempts")} requests";
    }

    private static string Duration(IReadOnlyDictionary<string, object?> values, string name)
    {
        var milliseconds = values.GetValueOrDefault(name) is double value ? value : 0;
        return milliseconds < 100
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s");
    }
}
