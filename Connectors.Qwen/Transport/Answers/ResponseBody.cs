using System.IO.Compression;

namespace Connectors.Qwen.Transport;

/// <summary>Opens the body of a response: decompressed, bounded, counted.</summary>
internal static class ResponseBody
{
    /// <exception cref="InvalidDataException">The body is compressed with something unknown.</exception>
    public static async ValueTask<BoundedStream> OpenAsync(
        HttpResponseMessage response,
        ResponseLimits limits,
        bool isEventStream,
        CancellationToken cancellationToken
    )
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var encodings = response.Content.Headers.ContentEncoding;
        var compressed = encodings.Count > 0 ? new BoundedStream(body, long.MaxValue) : null;
        body = compressed ?? body;
        // A handler that decompresses removes the header, so this never happens twice.
        foreach (var encoding in encodings.Reverse())
        {
            body = Decompress(body, encoding);
        }

        return isEventStream
            ? new BoundedStream(body, limits.MaxResponseBytes, limits.MaxEventBytes, endsEvents: true)
            {
                Compressed = compressed,
            }
            : new BoundedStream(body, limits.MaxResponseBytes) { Compressed = compressed };
    }

    /// <summary>Whether a body says that it is an event stream.</summary>
    public static bool IsEventStream(HttpResponseMessage response)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        return string.Equals(type, "text/event-stream", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether an exception of a read means that what came cannot be decompressed.</summary>
    public static bool IsDamage(Exception exception)
    {
        // Brotli has its own idea of what to throw.
        return exception is InvalidDataException or (InvalidOperationException and not ObjectDisposedException);
    }

    // Only gzip and br are asked for, and on streams neither. Deflate costs nothing to understand when a gateway sends it
    // unasked; it is the zlib format, as RFC 9110 says.
    private static Stream Decompress(Stream body, string encoding)
    {
        return encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => new GZipStream(body, CompressionMode.Decompress),
            "BR" => new BrotliStream(body, CompressionMode.Decompress),
            "DEFLATE" => new ZLibStream(body, CompressionMode.Decompress),
            "IDENTITY" => body,
            _ => throw new InvalidDataException(
                $"The answer is compressed with '{encoding}', which was not asked for. Check the gateway in between."
            ),
        };
    }
}
