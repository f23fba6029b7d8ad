using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Diagnostics;

/// <summary>
/// Logs failing calls: every one while they are few, and in an outage the first ones of each kind and then their number. The others are
/// there at <see cref="LogLevel.Debug"/>. Thread-safe.
/// </summary>
internal sealed class OutageLogger(ILogger logger, TimeProvider time)
{
    /// <summary>Lines of one kind of failure in one window.</summary>
    public const int MaxLines = 20;

    /// <summary>The length of a window.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly (long Since, int Lines)[] _windows = new (long, int)[FailureTable.Rows.Count];

    public void Retrying(
        int attempt,
        string form,
        QwenFailureKind kind,
        double elapsedMs,
        double delayMs,
        string? requestId
    )
    {
        var level = Level(LogLevel.Warning, kind);
        logger.Retrying(level, attempt, form, kind, elapsedMs, delayMs, requestId);
    }

    public void RetrySucceeded(int attempt, string form)
    {
        logger.RetrySucceeded(attempt, form);
    }

    public void NotRetried(int attempt, string form, QwenFailureKind kind, string reason)
    {
        var level = Level(LogLevel.Warning, kind);
        logger.NotRetried(level, attempt, form, kind, reason);
    }

    public void ChangingForm(string form, QwenFailureKind kind, string otherForm)
    {
        var level = Level(LogLevel.Warning, kind);
        logger.ChangingForm(level, form, kind, otherForm);
    }

    public void FormChanged(string form, int attempts)
    {
        logger.FormChanged(form, attempts);
    }

    public void StreamBroke(QwenFailureKind kind, long characters, string? requestId)
    {
        var level = Level(LogLevel.Warning, kind);
        logger.StreamBroke(level, kind, characters, requestId);
    }

    public void NotContinued(QwenFailureKind kind, string reason)
    {
        var level = Level(LogLevel.Warning, kind);
        logger.NotContinued(level, kind, reason);
    }

    public void CallFailed(QwenFailureKind kind, int attempts, double waitedMs)
    {
        var level = Level(LogLevel.Error, kind);
        logger.CallFailed(level, kind, attempts, waitedMs);
    }

    private LogLevel Level(LogLevel level, QwenFailureKind kind)
    {
        // The opening of the circuit was logged; that it is open is no news.
        return kind != QwenFailureKind.CircuitOpen && IsAmongTheFirst(kind) ? level : LogLevel.Debug;
    }

    private bool IsAmongTheFirst(QwenFailureKind kind)
    {
        var hidden = 0;
        bool isShown;
        lock (_windows)
        {
            ref var window = ref _windows[(int)kind];
            if (window.Lines == 0 || time.GetElapsedTime(window.Since) >= Window)
            {
                hidden = window.Lines - MaxLines;
                window = (time.GetTimestamp(), 0);
            }

            window.Lines++;
            isShown = window.Lines <= MaxLines;
        }

        if (hidden > 0)
        {
            logger.FailuresNotShown(hidden, kind, Window.TotalSeconds);
        }

        return isShown;
    }
}
