using System.Runtime.CompilerServices;
using Connectors.Qwen.Errors;
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
public sealed class TimeoutRetryChatClient : DelegatingChatClient
{
    private readonly TimeoutRetryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RetryExecutor _retries;

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
        _logger = (ILogger?)loggerFactory?.CreateLogger<TimeoutRetryChatClient>() ?? NullLogger.Instance;
        _retries = new RetryExecutor(_options, _time, random, _logger);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">All attempts failed, or a clock ran out.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var run = Begin(QwenCall.Current, RetryRun.NonStreaming, MessageSnapshot.Of(messages), options);
        try
        {
            var response = await _retries.ExecuteAsync(run, AttemptAsync, cancellationToken).ConfigureAwait(false);
            run.Call.Annotate(response, this);
            return response;
        }
        catch (QwenException e)
        {
            run.Call.Conclude(e, this, _logger);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">All attempts failed, a clock ran out, or the stream broke off.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return StreamAsync(QwenCall.Current, MessageSnapshot.Of(messages), options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        QwenCall? ambient,
        MessageSnapshot messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var run = Begin(ambient, RetryRun.Streaming, messages, options);
        using var received = new PartialText();
        TimedStream? stream = null;
        var isFinished = false;
        try
        {
            while (true)
            {
                try
                {
                    stream ??= await _retries.ExecuteAsync(run, OpenAsync, cancellationToken).ConfigureAwait(false);
                    if (!await stream.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (QwenException e) when (isFinished && e.Kind is QwenFailureKind.IdleTimeout)
                {
                    // The answer is whole; only its usage did not come.
                    break;
                }
                catch (QwenException e) when (received.Length > 0 && e.PartialText is null)
                {
                    // A clock of ours ended the stream: only here is it known what had arrived.
                    var failure = e.AsOutcome(e.Message, e.Attempts, received.ToText());
                    run.Call.Conclude(failure, this, _logger);
                    throw failure;
                }
                catch (QwenException e)
                {
                    run.Call.Conclude(e, this, _logger);
                    throw;
                }

                isFinished |= stream.Current.FinishReason is not null;
                Keep(received, stream.Current);
                yield return stream.Current;
            }

            if (run.Call.Annotation(this) is { } annotation)
            {
                yield return annotation;
            }
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private RetryRun Begin(QwenCall? ambient, string form, MessageSnapshot messages, ChatOptions? options)
    {
        var call = QwenCall.Join(ambient, Stage.TimeoutRetry, this, messages, _time);
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

    private async ValueTask<TimedStream> OpenAsync(RetryRun run, CancellationToken cancellationToken)
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

    private static void Keep(PartialText received, ChatResponseUpdate update)
    {
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            received.Append((contents[i] as TextContent)?.Text);
        }
    }
}
