using System.Threading.RateLimiting;

namespace Connectors.Qwen.Pipeline;

/// <summary>Lets requests out as their limits allow. Thread-safe.</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly ConcurrencyLimiter? _concurrency;
    private readonly Func<int, CancellationToken, ValueTask<RateLimitLease>>? _requests;
    private readonly Func<int, CancellationToken, ValueTask<RateLimitLease>>? _tokens;

    public RequestLimits(RequestLimitOptions options)
    {
        _requests = options.RequestLimiter;
        _tokens = options.TokenLimiter;
        _concurrency =
            options.MaxConcurrentRequests == 0
                ? null
                : new ConcurrencyLimiter(
                    new ConcurrencyLimiterOptions
                    {
                        PermitLimit = options.MaxConcurrentRequests,
                        QueueLimit = options.MaxQueuedRequests,
                        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                    }
                );
    }

    /// <summary>Whether anything is limited.</summary>
    public bool IsActive => _concurrency is not null || _requests is not null || _tokens is not null;

    /// <summary>Waits for one request's turn. What is returned is held until the request, with its stream, is over.</summary>
    /// <exception cref="QwenException">There is no room, not even in the queue.</exception>
    public async ValueTask<IDisposable> AcquireAsync(MessageSnapshot messages, CancellationToken cancellationToken)
    {
        var place = new Place();
        try
        {
            // The place among the concurrent ones last: whoever waits for the others holds none.
            if (_requests is not null)
            {
                place.Add(
                    await AcquireAsync(_requests, 1, nameof(RequestLimitOptions.RequestLimiter), cancellationToken)
                        .ConfigureAwait(false)
                );
            }

            if (_tokens is not null)
            {
                var tokens = (int)Math.Clamp(PromptSize.Of(messages).Tokens, 1, int.MaxValue);
                place.Add(
                    await AcquireAsync(_tokens, tokens, nameof(RequestLimitOptions.TokenLimiter), cancellationToken)
                        .ConfigureAwait(false)
                );
            }

            if (_concurrency is not null)
            {
                place.Add(
                    await AcquireAsync(
                            _concurrency.AcquireAsync,
                            1,
                            nameof(RequestLimitOptions.MaxQueuedRequests),
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                );
            }

            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _concurrency?.Dispose();
    }

    private static async ValueTask<RateLimitLease> AcquireAsync(
        Func<int, CancellationToken, ValueTask<RateLimitLease>> limiter,
        int permits,
        string option,
        CancellationToken cancellationToken
    )
    {
        RateLimitLease lease;
        try
        {
            lease = await limiter(permits, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // More than the limiter could ever give.
            throw Refused(option, $"{permits} permits are more than it ever has", null, e);
        }

        if (lease.IsAcquired)
        {
            return lease;
        }

        var retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : (TimeSpan?)null;
        lease.Dispose();
        throw Refused(option, "there is no room", retryAfter, null);
    }

    private static QwenException Refused(string option, string why, TimeSpan? retryAfter, Exception? cause)
    {
        return new QwenException(
            QwenFailureKind.RateLimited,
            $"The request was not sent: {why} (TimeoutRetry.Limits.{option}). Send less at once, or raise the limit if the account allows it.",
            cause
        )
        {
            RetryAfter = retryAfter,
            IsPermanent = true,
            IsUnsent = true,
        };
    }

    private sealed class Place : IDisposable
    {
        private readonly List<RateLimitLease> _leases = new(1);

        public void Add(RateLimitLease lease)
        {
            _leases.Add(lease);
        }

        public void Dispose()
        {
            _leases.ForEach(static lease => lease.Dispose());
        }
    }
}
