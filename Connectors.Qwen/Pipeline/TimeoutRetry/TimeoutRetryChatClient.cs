using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Waits as long as it should, and tries again when that can help: four clocks (request, first token, idle, total) and one
/// layer of retries with backoff, jitter and <c>Retry-After</c>.
/// </summary>
/// <remarks>
/// <para>Works around any <see cref="IChatClient"/>. A stream is tried again only while nothing of it was handed out; what fails
/// after that is thrown. A timeout is a <see cref="QwenException"/> of its own kind and never looks like the caller's
/// cancellation.</para>
/// <para>Thread-safe, except for disposal. Put no other retry layer inside: retries multiply.</para>
/// </remarks>
public sealed class TimeoutRetryChatClient : DelegatingChatClient, IStage
{
    private readonly TimeoutRetryOptions _options;
    private readonly TimeProvider _time;
    private readonly RetryExecutor _retries;
    private readonly StageShell _shell;

    /// <summary>Creates the client.</summary>
    /// <param name="innerClient">What is waited for; disposed with this client.</param>
    /// <param name="options">Clocks and retries; null for the defaults. Read now.</param>
    /// <param name="loggerFactory">Where retries are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The inner client invokes functions.</exception>
    public TimeoutRetryChatClient(
        IChatClient innerClient,
        TimeoutRetryOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
        : this(innerClient, options, loggerFactory, timeProvider, Random.Shared.NextDouble) { }

    internal TimeoutRetryChatClient(
        IChatClient innerClient,
        TimeoutRetryOptions? options,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        Func<double> random
    )
        : base(InnerClients.Accept(innerClient))
    {
        _options = (options ?? new TimeoutRetryOptions()).Freeze();
        _time = timeProvider ?? TimeProvider.System;
        var logger = (ILogger?)loggerFactory?.CreateLogger<TimeoutRetryChatClient>() ?? NullLogger.Instance;
        _retries = new RetryExecutor(_options, _time, random, logger);
        _shell = new StageShell(this, Stage.TimeoutRetry, _time, logger);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">All attempts failed, or a clock ran out.</exception>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">All attempts failed, a clock ran out, or the stream broke off.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    async Task<ChatResponse> IStage.AnswerAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var run = Begin(call, RetryRun.NonStreaming, messages, options);
        return await _retries.ExecuteAsync(run, AttemptAsync, cancellationToken).ConfigureAwait(false);
    }

    async Task<IAsyncEnumerator<ChatResponseUpdate>> IStage.OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var run = Begin(call, RetryRun.Streaming, messages, options);
        return await _retries.ExecuteAsync(run, OpenAttemptAsync, cancellationToken).ConfigureAwait(false);
    }

    private RetryRun Begin(QwenCall call, string form, MessageSnapshot messages, ChatOptions? options)
    {
        call.TotalTimeout = _options.TotalTimeout;
        call.MaxAttempts = _options.MaxAttempts;
        return new RetryRun(call, form, messages, options);
    }

    private async ValueTask<ChatResponse> AttemptAsync(RetryRun run, CancellationToken cancellationToken)
    {
        using var clock = StartClock(run, QwenFailureKind.RequestTimeout, _options.RequestTimeout, cancellationToken);
        try
        {
            run.Call.EnterAttempt();
            return await base.GetResponseAsync(run.Messages, run.Options, clock.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (clock.Translate(e) is { } failure)
        {
            throw failure;
        }
        finally
        {
            clock.Disarm();
        }
    }

    private async ValueTask<TimedStream> OpenAttemptAsync(RetryRun run, CancellationToken cancellationToken)
    {
        var clock = StartClock(run, QwenFailureKind.FirstTokenTimeout, FirstTokenLimit(run), cancellationToken);
        try
        {
            var stream = await CommittedStream
                .OpenAsync(InnerClient, run.Messages, run.Options, run.Call, clock.Token)
                .ConfigureAwait(false);
            clock.Disarm();
            return new TimedStream(stream, clock, _options.IdleTimeout);
        }
        catch (Exception e)
        {
            clock.Disarm();
            var failure = clock.Translate(e);
            clock.Dispose();
            if (failure is not null)
            {
                throw failure;
            }

            throw;
        }
    }

    private AttemptClock StartClock(
        RetryRun run,
        QwenFailureKind kind,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var clock = new AttemptClock(run.Call, _time, cancellationToken);
        clock.Arm(kind, limit);
        return clock;
    }

    private TimeSpan FirstTokenLimit(RetryRun run)
    {
        if (_options.FirstTokenTimeout == Timeout.InfiniteTimeSpan)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var kilobytes = PromptSize.Of(run.Messages).Bytes / 1024.0;
        return _options.FirstTokenTimeout + (_options.FirstTokenTimeoutPerKilobyte * kilobytes);
    }
}
