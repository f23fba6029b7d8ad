using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Connectors.Qwen.Testing.Serving;

/// <summary>Compresses whatever a reply writes, as a gateway in front would; what is flushed leaves at once.</summary>
internal sealed class EncodedOutput : IAsyncDisposable
{
    private readonly HttpContext _http;
    private readonly IHttpResponseBodyFeature _original;
    private readonly Stream _encoder;

    public EncodedOutput(HttpContext http, string encoding)
    {
        _http = http;
        _original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _encoder = encoding switch
        {
            "gzip" => new GZipStream(_original.Stream, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(_original.Stream, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(_original.Stream, CompressionLevel.Fastest, leaveOpen: true),
        };
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_encoder, _original));
        // A length would be that of the body before; Kestrel then sends chunks.
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.ContentEncoding = encoding;
            http.Response.ContentLength = null;
            return Task.CompletedTask;
        });
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _http.Response.BodyWriter.FlushAsync().ConfigureAwait(false);
            await _encoder.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The connection is gone, as scripted or by the client.
        }
        finally
        {
            _http.Features.Set(_original);
        }
    }
}
