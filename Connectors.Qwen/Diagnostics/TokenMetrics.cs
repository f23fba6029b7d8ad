using System.Diagnostics.Metrics;

namespace Connectors.Qwen.Diagnostics;

/// <summary>What is counted of tokens: how long they still live when they are sent, what renews them, and what that helps.</summary>
internal static partial class QwenMetrics
{
    private static readonly Histogram<double> RemainingLife = Meter.CreateHistogram<double>(
        "qwen.client.token.remaining",
        "s",
        "How long the token of a request had still to live when it was checked."
    );

    private static readonly UpDownCounter<long> ActiveRefreshes = Meter.CreateUpDownCounter<long>(
        "qwen.client.token.refreshes.active",
        "{refresh}",
        "Token refreshes that run now."
    );

    private static readonly Counter<long> RefreshCounter = Meter.CreateCounter<long>(
        "qwen.client.token.refreshes",
        "{refresh}",
        "Token refreshes, by outcome (success, adopted, failure) and reason."
    );

    private static readonly Histogram<double> RefreshDuration = Meter.CreateHistogram<double>(
        "qwen.client.token.refresh.duration",
        "s",
        "How long token refreshes took, by outcome."
    );

    private static readonly Counter<long> RejectionCounter = Meter.CreateCounter<long>(
        "qwen.client.token.rejections",
        "{request}",
        "Requests whose token the server rejected."
    );

    private static readonly Counter<long> ResendCounter = Meter.CreateCounter<long>(
        "qwen.client.token.resends",
        "{request}",
        "Requests sent again with another token, by outcome."
    );

    private static readonly Counter<long> SaveFailureCounter = Meter.CreateCounter<long>(
        "qwen.client.token.save_failures",
        "{save}",
        "Refreshed tokens that could not be saved."
    );

    public static void TokenChecked(DateTimeOffset? expiresAt, TimeProvider time)
    {
        if (RemainingLife.Enabled && expiresAt is { } end)
        {
            RemainingLife.Record((end - time.GetUtcNow()).TotalSeconds);
        }
    }

    public static void RefreshStarted()
    {
        ActiveRefreshes.Add(1);
    }

    public static void RefreshEnded(string outcome, string reason, TimeSpan elapsed)
    {
        ActiveRefreshes.Add(-1);
        RefreshCounter.Add(1, new("outcome", outcome), new("reason", reason));
        RefreshDuration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
    }

    public static void TokenRejected()
    {
        RejectionCounter.Add(1);
    }

    public static void Resent(bool succeeded)
    {
        ResendCounter.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "success" : "failure"));
    }

    public static void SaveFailed()
    {
        SaveFailureCounter.Add(1);
    }
}
