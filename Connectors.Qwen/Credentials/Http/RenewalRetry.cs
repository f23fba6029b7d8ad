using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>Tries a renewal again when what failed passes by itself: no connection, a 5xx, a throttle.</summary>
internal sealed class RenewalRetry(TimeProvider time, ILogger logger, Func<double> random)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private const int MaxTries = 3;

    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (QwenException e) when (tries < MaxTries && IsPassing(e))
            {
                await PauseAsync(tries, e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>About a quarter of a second, then four times as long each time.</summary>
    public Task PauseAsync(int tries, QwenException failure, CancellationToken cancellationToken)
    {
        var delay = FirstDelay * Math.Pow(4, tries - 1) * (0.5 + random());
        logger.RefreshRetried(tries, failure.Kind, delay.TotalMilliseconds);
        return Task.Delay(delay, time, cancellationToken);
    }

    private static bool IsPassing(QwenException failure)
    {
        return !failure.IsPermanent
            && failure.Kind
                is QwenFailureKind.Connection
                    or QwenFailureKind.ServerError
                    or QwenFailureKind.ServerTimeout
                    or QwenFailureKind.RateLimited;
    }
}
