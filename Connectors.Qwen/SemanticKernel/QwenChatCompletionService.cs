using System.Runtime.CompilerServices;
using Connectors.Qwen.SemanticKernel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;

namespace Connectors.Qwen;

/// <summary>A chat client as Semantic Kernel's chat completion service that tells all that is known of an answer.</summary>
/// <remarks>
/// <para>Reasoning is a <c>ReasoningContent</c> (<c>StreamingReasoningContent</c>) among the items. The metadata has the constants of this class, and what
/// the pipeline tells under the names of <see cref="QwenResponseProperties"/>; a stream tells these in its last contents. The inner content is the
/// <see cref="ChatResponse"/> (<see cref="ChatResponseUpdate"/>), or with <see cref="QwenClientOptions.KeepRawRepresentation"/> the JSON that came.</para>
/// <para>Of the metadata of a history only what the service knows is sent: <c>partial</c> of a message; <c>cache_control</c>, <c>min_pixels</c>,
/// <c>max_pixels</c>, <c>total_pixels</c>, <c>fps</c> and <c>max_frames</c> of an item.</para>
/// <para>Functions are invoked as <see cref="PromptExecutionSettings.FunctionChoiceBehavior"/> says, through the kernel's filters; the calls and their
/// results are added to the history that was given. Thread-safe, except for <see cref="Dispose"/>.</para>
/// </remarks>
public sealed class QwenChatCompletionService : IChatCompletionService, IDisposable
{
    /// <summary>Metadata: the id of the response, as text.</summary>
    public const string Id = "Id";

    /// <summary>Metadata: when the answer was made, a <see cref="DateTimeOffset"/>.</summary>
    public const string CreatedAt = "CreatedAt";

    /// <summary>Metadata: why the model stopped, as text: <c>stop</c>, <c>length</c>, <c>tool_calls</c>, <c>content_filter</c>.</summary>
    public const string FinishReason = "FinishReason";

    /// <summary>Metadata: what the answer has cost, a <see cref="UsageDetails"/>.</summary>
    public const string Usage = "Usage";

    /// <summary>Metadata: what the model said in place of an answer that it refuses, as text.</summary>
    public const string Refusal = "Refusal";

    /// <summary>Metadata: what of the answer could not be read (sound, for example), as text.</summary>
    public const string Error = "Error";

    private readonly IChatClient _client;
    private readonly IChatClient _alone;
    private readonly Dictionary<string, object?> _attributes = [];

    /// <summary>Wraps a client.</summary>
    /// <param name="client">The client, disposed with the service. One that invokes no functions yet gets Semantic Kernel's invocation around it.</param>
    /// <param name="loggerFactory">Where invocations are logged.</param>
    public QwenChatCompletionService(IChatClient client, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _alone = client;
        _client = client.GetService<FunctionInvokingChatClient>() is null
            ? client.AsBuilder().UseKernelFunctionInvocation(loggerFactory).Build()
            : client;
        var metadata = client.GetService<ChatClientMetadata>();
        if (metadata?.DefaultModelId is { } model)
        {
            _attributes[AIServiceExtensions.ModelIdKey] = model;
        }

        if (metadata?.ProviderUri is { } endpoint)
        {
            _attributes[AIServiceExtensions.EndpointKey] = endpoint.ToString();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes => _attributes;

    /// <inheritdoc/>
    /// <exception cref="QwenException">The request failed; its kind says how.</exception>
    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        var options = Options(executionSettings, kernel);
        var response = await Client(kernel)
            .GetResponseAsync(HistoryMapper.ToMessages(chatHistory), options, cancellationToken)
            .ConfigureAwait(false);
        var names = new FunctionNames(options);
        var messages = response.Messages;
        // What comes last is the answer, or several of them (n); what leads there belongs to the history.
        var first = messages.Count - 1;
        while (
            first > 0 && messages[first].Role == ChatRole.Assistant && messages[first - 1].Role == ChatRole.Assistant
        )
        {
            first--;
        }

        for (var i = 0; i < first; i++)
        {
            chatHistory.Add(AnswerMapper.ToContent(messages[i], response: null, names));
        }

        return [.. messages.Skip(first).Select(message => AnswerMapper.ToContent(message, response, names))];
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The request failed, or the stream broke off; its kind says how.</exception>
    public IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        var options = Options(executionSettings, kernel);
        return StreamAsync(
            Client(kernel),
            chatHistory,
            HistoryMapper.ToMessages(chatHistory),
            options,
            cancellationToken
        );
    }

    /// <summary>Disposes the client.</summary>
    public void Dispose()
    {
        _client.Dispose();
    }

    // Functions are a kernel's: Semantic Kernel says so where they are to be invoked without one. What is then declared is for the caller to
    // invoke, as those do who ask a service as a chat client.
    private IChatClient Client(Kernel? kernel)
    {
        return kernel is null ? _alone : _client;
    }

    private static async IAsyncEnumerable<StreamingChatMessageContent> StreamAsync(
        IChatClient client,
        ChatHistory history,
        List<ChatMessage> messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var names = new FunctionNames(options);
        var hasTools = options?.Tools is { Count: > 0 };
        var turn = new List<ChatResponseUpdate>();
        var calls = 0;
        var updates = client.GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (var update in updates.ConfigureAwait(false))
        {
            if (hasTools)
            {
                turn.Add(update);
                if (update.Role == ChatRole.Tool)
                {
                    // The turn has ended: its calls and results belong to the history, as they do without streaming.
                    foreach (var message in turn.ToChatResponse().Messages)
                    {
                        history.Add(AnswerMapper.ToContent(message, response: null, names));
                    }

                    turn.Clear();
                }
            }

            if (AnswerMapper.ToContent(update, names, ref calls) is { } content)
            {
                yield return content;
            }
        }
    }

    private static ChatOptions? Options(PromptExecutionSettings? settings, Kernel? kernel)
    {
        // Prompt files bring plain settings; read as Qwen's, none of their parameters loses anything on its way.
        var isPlain = settings?.GetType() == typeof(PromptExecutionSettings);
        return (isPlain ? QwenPromptExecutionSettings.FromExecutionSettings(settings) : settings).ToChatOptions(kernel);
    }
}
