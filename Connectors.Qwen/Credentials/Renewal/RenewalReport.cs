using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>What operators see of one renewal: its start, its end, how long it took and what came of it.</summary>
internal sealed class RenewalReport
{
    private readonly string _fingerprint;
    private readonly string _reason;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly bool _isRepeated;

    private RenewalReport(string fingerprint, string reason, bool isRepeated, TimeProvider time, ILogger logger)
    {
        _fingerprint = fingerprint;
        _reason = reason;
        _isRepeated = isRepeated;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
    }

    /// <param name="stale">What is renewed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isRepeated">Whether the last one failed just before: said once, an outage is known.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it is said.</param>
    public static RenewalReport Start(
        QwenCredential? stale,
        RenewalReason reason,
        bool isRepeated,
        TimeProvider time,
        ILogger logger
    )
    {
        var report = new RenewalReport(stale?.Fingerprint ?? "(none)", reason.Text(), isRepeated, time, logger);
        if (!isRepeated)
        {
            logger.RefreshStarted(report._fingerprint, report._reason);
        }

        QwenMetrics.RefreshStarted();
        return report;
    }

    public QwenCredential Succeeded(Renewal renewal)
    {
        var (credential, isAdopted) = renewal;
        var elapsed = _time.GetElapsedTime(_started);
        if (isAdopted)
        {
            _logger.TokenAdopted(credential.Fingerprint, _fingerprint, credential.ExpiresAt);
        }
        else
        {
            _logger.RefreshSucceeded(
                elapsed.TotalMilliseconds,
                credential.Fingerprint,
                _fingerprint,
                credential.ExpiresAt
            );
        }

        QwenMetrics.RefreshEnded(isAdopted ? "adopted" : "success", _reason, elapsed);
        return credential;
    }

    /// <param name="failure">Why.</param>
    /// <param name="isServed">Whether the old credential serves on: then that is the warning, and this its reason.</param>
    public void Failed(QwenException failure, bool isServed)
    {
        var elapsed = _time.GetElapsedTime(_started);
        var level =
            _isRepeated ? LogLevel.Debug
            : failure is QwenAuthenticationException ? LogLevel.Error
            : isServed ? LogLevel.Information
            : LogLevel.Warning;
        _logger.RefreshFailed(level, failure, _fingerprint, elapsed.TotalMilliseconds, failure.Kind);
        QwenMetrics.RefreshEnded("failure", _reason, elapsed);
    }
}
