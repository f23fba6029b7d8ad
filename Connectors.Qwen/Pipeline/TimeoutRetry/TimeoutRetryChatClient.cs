using Connectors.Qwen.Diagnostics;
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
    private readonly ModelNames _models;
    private readonly RequestClock _clocks;
    private readonly RequestLimits _limits;
    private readonly RetryBudget? _budget;
    private readonly Circuits _circuits;
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
        Func<double> random,
        PipelineState? state = null
    )
        : base(InnerClients.Accept(innerClient))
    {
        _options = (options ?? new TimeoutRetryOptions()).Freeze();
        _time = timeProvider ?? TimeProvider.System;
        _models = new ModelNames(innerClient);
        state ??= new PipelineState();
        _clocks = new RequestClock(_options, state.Keep<BoundedMemory<ModelAt, TimeSpan>>());
        var logger = (ILogger?)loggerFactory?.CreateLogger<TimeoutRetryChatClient>() ?? NullLogger.Instance;
        (_limits, _budget, _circuits, var calls) = Protections.Of(_options, state, _time, logger);
        _retries = new RetryExecutor(_options, _circuits, _time, random, new OutageLogger(logger, _time), calls);
        _shell = new StageShell(this, Stage.TimeoutRetry, _models, _time, logger);
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
        var run = await BeginAsync(call, RetryRun.NonStreaming, messages, options, cancellationToken)
            .ConfigureAwait(false);
        return await _retries.ExecuteAsync(run, AttemptAsync, cancellationToken).ConfigureAwait(false);
    }

    async Task<IAsyncEnumerator<ChatResponseUpdate>> IStage.OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var run = await BeginAsync(call, RetryRun.Streaming, messages, options, cancellationToken)
            .ConfigureAwait(false);
        return await _retries.ExecuteAsync(run, OpenAttemptAsync, cancellationToken).ConfigureAwait(false);
    }

    ValueTask IStage.BrokeAsync(QwenCall call, ChatOptions? options, Exception exception)
    {
        return _circuits.ReportAsync(new CircuitKey(_models.Of(options, call), RetryRun.Streaming), exception);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _limits.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<RetryRun> BeginAsync(
        QwenCall call,
        string form,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        call.TotalTimeout = _options.TotalTimeout;
        call.MaxAttempts = _options.MaxAttempts;
        call.Budget = _budget;
        var model = await _models.FindAsync(options, call, cancellationToken).ConfigureAwait(false);
        return new RetryRun(call, new CircuitKey(model, form), messages, options);
    }

    private async ValueTask<ChatResponse> AttemptAsync(RetryRun run, CancellationToken cancellationToken)
    {
        using var attempt = new Attempt(run, _time, cancellationToken);
        try
        {
            await attempt.EnterAsync(_limits).ConfigureAwait(false);
            attempt.Clock.Arm(QwenFailureKind.RequestTimeout, _clocks.ForWhole(run.Key.Model));
            run.Call.EnterAttempt();
            var startedAt = _time.GetTimestamp();
            var response = await base.GetResponseAsync(run.Messages, run.Options, attempt.Clock.Token)
                .ConfigureAwait(false);
            run.Call.AttemptTime = _time.GetElapsedTime(startedAt);
            _clocks.Learn(run.Key.Model, response);
            return response;
        }
        catch (Exception e)
        {
            var failure = attempt.Failed(e);
            failure.ThrowUnlessIs(e);
            throw;
        }
        finally
        {
            attempt.Clock.Disarm();
        }
    }

    private async ValueTask<TimedStream> OpenAttemptAsync(RetryRun run, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(run, _time, cancellationToken);
        try
        {
            await attempt.EnterAsync(_limits).ConfigureAwait(false);
            attempt.Clock.Arm(QwenFailureKind.FirstTokenTimeout, _clocks.ForFirstToken(run.Messages));
            var stream = await CommittedStream
                .OpenAsync(InnerClient, run.Messages, run.Options, run.Call, attempt.Clock.Token)
                .ConfigureAwait(false);
            attempt.Clock.Rest();
            return new TimedStream(stream, attempt, _options.IdleTimeout);
        }
        catch (Exception e)
        {
            attempt.Clock.Disarm();
            var failure = attempt.Failed(e);
            attempt.Dispose();
            failure.ThrowUnlessIs(e);
            throw;
        }
    }
}
