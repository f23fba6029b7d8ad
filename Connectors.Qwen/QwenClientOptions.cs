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

    /// <summary>A copy: what the owner of the options does later has no effect.</summary>
    internal QwenClientOptions Freeze()
    {
        return (QwenClientOptions)MemberwiseClone();
    }
}
