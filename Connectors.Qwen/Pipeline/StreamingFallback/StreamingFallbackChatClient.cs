using System.Runtime.ExceptionServices;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Changes the form of a call that does not work in the form it was made. A stream that fails before its first word is asked for again
/// without streaming, and the answer is handed out as updates; a whole answer that the server gives only as a stream, or not in its
/// time, is put together from one. What a model is like is remembered.
/// </summary>
/// <remarks>
/// <para>Works around any <see cref="IChatClient"/>. Nothing that the caller has seen is ever replaced or repeated: a stream that
/// breaks off later ends in a <see cref="QwenException"/> with the partial text.</para>
/// <para>Thread-safe, except for disposal.</para>
/// </remarks>
public sealed class StreamingFallbackChatClient : DelegatingChatClient, IStage
{
    private readonly StreamingFallbackOptions _options;
    private readonly FormChanges _changes;
    private readonly ModelNames _models;
    private readonly FormMemory _memory;
    private readonly StageShell _shell;

    /// <summary>Creates the client.</summary>
    /// <param name="innerClient">What answers in both forms; disposed with this client.</param>
    /// <param name="options">When to change the form; null for the defaults. Read now.</param>
    /// <param name="loggerFactory">Where changes are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="InvalidOperationException">The inner client invokes functions.</exception>
    public StreamingFallbackChatClient(
        IChatClient innerClient,
        StreamingFallbackOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
        : base(InnerClients.Accept(innerClient))
    {
        _options = (options ?? new StreamingFallbackOptions()).Freeze();
        var time = timeProvider ?? TimeProvider.System;
        var logger = (ILogger?)loggerFactory?.CreateLogger<StreamingFallbackChatClient>() ?? NullLogger.Instance;
        _changes = new FormChanges(new OutageLogger(logger, time));
        _models = new ModelNames(innerClient);
        _memory = new FormMemory(_options, time, logger);
        _shell = new StageShell(this, Stage.StreamingFallback, _models, time, logger);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The call failed.</exception>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">Both forms failed, or the stream broke off after its first word.</exception>
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
        var model = _models.Of(options);
        if (_options.UpgradeToStreaming && _memory.IsStreamOnly(model))
        {
            return await StreamedAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await WholeAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && Failure.Of(e, _options.Classify) is { } failure
                && FallbackPlan.AsksForStream(failure, _options)
            )
        {
            if (failure.NeedsStream)
            {
                _memory.LearnStreamOnly(model);
            }

            if (!_changes.Begin(call, failure, e, RetryRun.NonStreaming, RetryRun.Streaming))
            {
                throw;
            }

            return await StreamedAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task<IAsyncEnumerator<ChatResponseUpdate>> IStage.OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var model = _models.Of(options);
        var isTrial = false;
        if (_options.Enabled && !_memory.MayStream(model, out isTrial))
        {
            return await InsteadOfStreamAsync(call, model, messages, options, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            var stream = await CommittedStream
                .OpenAsync(InnerClient, messages, options, call, cancellationToken)
                .ConfigureAwait(false);
            if (isTrial)
            {
                _memory.StreamWorked(model);
            }
            else
            {
                _memory.StreamBegan(model);
            }

            return stream;
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && Failure.Of(e, _options.Classify) is { } failure
                && FallbackPlan.AsksForWhole(failure, CommitLevel.Nothing, _memory.IsStreamOnly(model), _options)
            )
        {
            if (!_changes.Begin(call, failure, e, RetryRun.Streaming, RetryRun.NonStreaming))
            {
                throw;
            }

            ChatResponse whole;
            try
            {
                whole = await WholeAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
            }
            catch (QwenException other) when (other.NeedsStream || other.IsUnsent)
            {
                // There is no other form, or it was not asked: what the stream ended with is what went wrong.
                if (other.NeedsStream)
                {
                    _memory.LearnStreamOnly(model);
                }

                ExceptionDispatchInfo.Throw(e);
                throw;
            }

            // The service is there; only its streams are not.
            _memory.StreamFailed(model);
            return AsUpdates(call, whole);
        }
    }

    ValueTask IStage.BrokeAsync(ChatOptions? options, Exception exception)
    {
        var model = _models.Of(options);
        if (
            _options.Enabled
            && !_memory.IsStreamOnly(model)
            && Failure.Of(exception, _options.Classify) is { } failure
            && (FailureTable.Of(failure.Kind).OtherForm & OtherForm.Whole) != OtherForm.None
        )
        {
            _memory.StreamFailed(model);
        }

        return default;
    }

    private async Task<ChatResponse> WholeAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        call.EnterAttempt();
        return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The whole answer put together from a stream. Nobody has seen any of it: one that breaks off is asked for once more.</summary>
    private async Task<ChatResponse> StreamedAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        for (var isAgain = false; ; isAgain = true)
        {
            var stream = await CommittedStream
                .OpenAsync(InnerClient, messages, options, call, cancellationToken)
                .ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            try
            {
                var updates = new List<ChatResponseUpdate>();
                while (await stream.MoveNextAsync().ConfigureAwait(false))
                {
                    updates.Add(stream.Current);
                }

                _changes.Came(call, RetryRun.Streaming);
                return updates.ToChatResponse();
            }
            catch (Exception e)
                when (!isAgain
                    && !cancellationToken.IsCancellationRequested
                    && Failure.Of(e, _options.Classify) is { } failure
                    && FallbackPlan.AsksAgain(failure)
                )
            {
                if (!_changes.BeginAgain(call, failure, e))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>For a model whose streams keep failing: the whole answer at once; a stream only when that cannot come.</summary>
    private async Task<IAsyncEnumerator<ChatResponseUpdate>> InsteadOfStreamAsync(
        QwenCall call,
        string model,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return AsUpdates(call, await WholeAsync(call, messages, options, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && Failure.Of(e, _options.Classify) is { } failure
                // Whatever the switch for whole answers says: a stream is what was asked for.
                && FallbackPlan.AsksForStream(failure)
            )
        {
            if (failure.NeedsStream)
            {
                _memory.LearnStreamOnly(model);
            }

            if (!_changes.Begin(call, failure, e, RetryRun.NonStreaming, RetryRun.Streaming))
            {
                throw;
            }

            var stream = await CommittedStream
                .OpenAsync(InnerClient, messages, options, call, cancellationToken)
                .ConfigureAwait(false);
            _memory.StreamWorked(model);
            return stream;
        }
    }

    private IAsyncEnumerator<ChatResponseUpdate> AsUpdates(QwenCall call, ChatResponse whole)
    {
        _changes.Came(call, RetryRun.NonStreaming);
        return CommittedStream.Of(whole);
    }
}
