using System.Globalization;
using System.Text.RegularExpressions;

namespace Connectors.Qwen.Errors;

/// <summary>What the server's words say beyond the kind of the failure. Pure; the service has no fields for these.</summary>
internal static partial class ServerHints
{
    // The vendor's error page: models and modes that answer as a stream only.
    private static readonly string[] StreamOnlyTexts =
    [
        "only support stream",
        "does not support http call",
        "must be set to false for non-streaming calls",
        "only support with stream=true",
        // ModelScope, of the same models.
        "can not be support when `stream=False`",
    ];

    /// <summary>Whether the model answers as a stream only.</summary>
    public static bool NeedsStream(string? said)
    {
        return said is not null
            && Array.Exists(StreamOnlyTexts, text => said.Contains(text, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>How many tokens of input the model takes; null when the server does not say.</summary>
    public static long? MaxInputTokens(string? said)
    {
        var match = InputRange().Match(said ?? "");
        return match.Success && long.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;
    }

    /// <summary>How many texts one request for embeddings may hold; null when the server does not say.</summary>
    public static int? MaxBatchSize(string? said)
    {
        var match = BatchLimit().Match(said ?? "");
        return
            match.Success
            && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var limit)
            && limit > 0
            ? limit
            : null;
    }

    /// <summary>When a used-up quota comes back; null when the server does not say. It names no year: the next such day is meant.</summary>
    public static DateTimeOffset? QuotaResetsAt(string? said, DateTimeOffset now)
    {
        var match = Reset().Match(said ?? "");
        if (
            !match.Success
            || !DateTimeOffset.TryParseExact(
                $"{now.Year}-{match.Groups[1].Value}",
                "yyyy-MM-dd HH:mm:ss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var reset
            )
        )
        {
            return null;
        }

        // A reset of yesterday is late news; one of months ago is next year's.
        return reset < now.AddDays(-1) ? reset.AddYears(1) : reset;
    }

    [GeneratedRegex(@"Range of input length should be \[\d+, ?(\d+)\]", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex InputRange();

    [GeneratedRegex(@"batch size is invalid, it should not be larger than (\d+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex BatchLimit();

    [GeneratedRegex(@"reset at (\d\d-\d\d \d\d:\d\d:\d\d) UTC", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Reset();
}
