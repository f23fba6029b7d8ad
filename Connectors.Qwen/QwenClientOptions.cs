using System.Diagnostics;

namespace Connectors.Qwen;

/// <summary>Where Qwen is and what to ask it for. Plain values only, so that it binds from configuration.</summary>
/// <remarks>Read when a client is created; later changes have no effect. Not thread-safe.</remarks>
public class QwenClientOptions
{
    /// <summary>The environment variable that holds the API key when <see cref="ApiKey"/> is null.</summary>
    public const string ApiKeyVariable = "DASHSCOPE_API_KEY";

    /// <summary>The base address of the OpenAI-compatible API, without <c>/chat/completions</c>; https, or loopback.</summary>
    /// <value>The default is null: the endpoint that the credential names, else <see cref="QwenEndpoints.Beijing"/>.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>The model asked when a call's <c>ChatOptions.ModelId</c> is null, for example <c>qwen3-max</c>. Required.</summary>
    /// <value>The default is the empty string.</value>
    public string ModelId { get; set; } = "";

    /// <summary>The API key.</summary>
    /// <value>The default is null: the environment variable <c>DASHSCOPE_API_KEY</c> is read instead.</value>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>The longest single event of a stream, in bytes after decompression; 1024 or more.</summary>
    /// <value>The default is 64 MiB: some models send all tool arguments in one event.</value>
    public long MaxEventBytes { get; set; } = 64L << 20;

    /// <summary>The longest answer, in bytes after decompression; 1024 or more.</summary>
    /// <value>The default is 256 MiB.</value>
    public long MaxResponseBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Whether reasoning that stands in the text itself, between a leading <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>, is
    /// handed out as <c>TextReasoningContent</c> instead of text. Servers of open models and some gateways send it so; Model
    /// Studio has a field of its own for it.
    /// </summary>
    /// <value>The default is false: the text stays as it is.</value>
    /// <remarks>
    /// The tags themselves and white space before the first are left out; without the closing tag everything is reasoning; tags
    /// that do not stand at the beginning are text. Tool calls in tags are never read out of the text, nor executed.
    /// </remarks>
    public bool ThinkTagsAsReasoning { get; set; }

    /// <summary>
    /// Whether a stream of text that ends with <c>data: [DONE]</c>, or with its usage figures, is whole although no finish reason came. For a
    /// server that is known to leave the reason out. The figures of the service's own hosts are believed anyway.
    /// </summary>
    /// <value>
    /// The default is false: the mark proves nothing, because gateways also write it after the connection to the model was cut, and
    /// half an answer would be taken for a whole one.
    /// </value>
    /// <remarks>Never for an answer with tool calls: one of them may be missing or cut.</remarks>
    public bool TrustDone { get; set; }

    /// <summary>
    /// Whether <c>RawRepresentation</c> of responses and updates holds the JSON that the server sent, as a <c>JsonElement</c>: for members of
    /// answers that the library does not know.
    /// </summary>
    /// <value>The default is false: it would cost a copy of each answer.</value>
    public bool KeepRawRepresentation { get; set; }

    /// <summary>A copy: what the owner of the options does later has no effect.</summary>
    internal QwenClientOptions Freeze()
    {
        return (QwenClientOptions)MemberwiseClone();
    }
}
