using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Changes the form of a call that does not work in the form it was made. A stream that fails before its first word is asked for again
/// without streaming, and the answer is handed out as updates; a whole answer that the server gives only as a stream, or not in its
/// time, is put together from one. A stream that breaks off after its first word is gone on with where it broke. What a model is like is
/// remembered.
/// </summary>
/// <remarks>
/// <para>Works around any <see cref="IChatClient"/>. Nothing that the caller has seen is ever replaced or repeated: what cannot
/// be gone on with ends in a <see cref="QwenException"/> with the partial text.</para>
/// <para>The service has one way to go on with an answer, its partial mode: the text that came is sent back as the beginning of the answer.
/// Foreign inner clients are asked in the same way, with a last assistant message that has <c>partial</c> in its additional properties, but
/// only for models that <see cref="StreamingFallbackOptions.ContinuationModels"/> names.</para>
/// <para>Thread-safe, except for disposal.</para>
/// </remarks>
public sealed class StreamingFallbackChatClient : DelegatingChatClient
{
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
        : this(innerClient, options, loggerFactory, timeProvider, new PipelineState()) { }

    internal StreamingFallbackChatClient(
        IChatClient innerClient,
        StreamingFallbackOptions? options,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        PipelineState state
    )
        : base(InnerClients.Accept(innerClient))
    {
        var frozen = (options ?? new StreamingFallbackOptions()).Freeze();
        var time = timeProvider ?? TimeProvider.System;
        var logger = (ILogger?)loggerFactory?.CreateLogger<StreamingFallbackChatClient>() ?? NullLogger.Instance;
        var models = new ModelNames(innerClient);
        var stage = new FallbackStage(innerClient, models, frozen, time, logger, state);
        _shell = new StageShell(stage, Stage.StreamingFallback, models, time, logger);
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
}
