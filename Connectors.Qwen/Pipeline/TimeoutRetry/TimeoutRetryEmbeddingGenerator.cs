using System.Diagnostics;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// <see cref="TimeoutRetryChatClient"/> for requests for embeddings: the same clocks, plan, budget, circuits and limits. Each
/// request is a call of its own, so that what one batch needs is not taken from another. Thread-safe, except for disposal.
/// </summary>
internal sealed class TimeoutRetryEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly TimeoutRetryOptions _options;
    private readonly TimeProvider _time;
    private readonly IRoutesCalls? _routes;
    private readonly RequestLimits _limits;
    private readonly RetryBudget? _budget;
    private readonly RetryExecutor _retries;
    private readonly CallReport _report;

    public TimeoutRetryEmbeddingGenerator(
        IEmbeddingGenerator<string, Embedding<float>> innerGenerator,
        TimeoutRetryOptions options,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        Func<double> random,
        PipelineState? state = null
    )
        : base(innerGenerator)
    {
        _options = options.Freeze();
        _time = timeProvider ?? TimeProvider.System;
        _routes = innerGenerator.GetService<IRoutesCalls>();
        var logger = (ILogger?)loggerFactory?.CreateLogger<TimeoutRetryEmbeddingGenerator>() ?? NullLogger.Instance;
        (_limits, _budget, var circuits, var calls) = Protections.Of(
            _options,
            state ?? new PipelineState(),
            _time,
            logger
        );
        _retries = new RetryExecutor(_options, circuits, _time, random, new(logger, _time), calls);
        _report = new CallReport(logger, _time);
    }

    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var model = options?.ModelId ?? "default";
        var messages = MessageSnapshot.OfTexts(values);
        // Never the call around it: who embeds within a chat call has calls of their own.
        var call = QwenCall.Join(null, Stage.TimeoutRetry, this, messages, _time);
        call.TotalTimeout = _options.TotalTimeout;
        call.MaxAttempts = _options.MaxAttempts;
        call.Budget = _budget;
        using var span = CallReport.Begin(call, Activity.Current, RetryRun.Embeddings, model);
        try
        {
            await call.LocateAsync(_routes, cancellationToken).ConfigureAwait(false);
            var key = new CircuitKey(new ModelAt(model, call.Endpoint), RetryRun.Embeddings);
            var run = new RetryRun(call, key, messages, null);
            var embeddings = await _retries
                .ExecuteAsync(run, (run, token) => AttemptAsync(run, values, options, token), cancellationToken)
                .ConfigureAwait(false);
            CallOutcome.Annotate(call, embeddings);
            CallReport.Tell(call);
            return embeddings;
        }
        catch (Exception e)
        {
            var failure = _report.Conclude(call, e, cancellationToken);
            failure.ThrowUnlessIs(e);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _limits.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<GeneratedEmbeddings<Embedding<float>>> AttemptAsync(
        RetryRun run,
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options,
        CancellationToken cancellationToken
    )
    {
        using var attempt = new Attempt(run, _time, cancellationToken);
        try
        {
            await attempt.EnterAsync(_limits).ConfigureAwait(false);
            attempt.Clock.Arm(QwenFailureKind.RequestTimeout, _options.RequestTimeout);
            run.Call.EnterAttempt();
            return await base.GenerateAsync(values, options, attempt.Clock.Token).ConfigureAwait(false);
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
}
