using System.Globalization;
using System.Net;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Transport;

/// <summary>How far an answer has come: what a wait that was cancelled says of itself.</summary>
/// <param name="Status">The status, once the headers had come.</param>
/// <param name="Bytes">The bytes of the body, as they came over the network.</param>
/// <param name="Encoding">How the body is compressed; null for not at all.</param>
/// <param name="IsEventStream">Whether the body is one: compressing it holds it back.</param>
internal readonly record struct Arrival(HttpStatusCode? Status, long Bytes, string? Encoding, bool IsEventStream)
{
    public static Arrival Of(HttpResponseMessage response, BoundedStream? body = null)
    {
        return new Arrival(
            response.StatusCode,
            body?.Arrived ?? 0,
            response.Content.Headers.ContentEncoding.LastOrDefault(static encoding => encoding != "identity"),
            ResponseBody.IsEventStream(response)
        );
    }

    /// <summary>The exception in place of the bare cancellation.</summary>
    public WaitInterruptedException Interrupted(
        OperationCanceledException cause,
        CancellationToken cancellationToken,
        string? requestId = null
    )
    {
        return new WaitInterruptedException(ToString(), cause, cancellationToken) { RequestId = requestId };
    }

    public override string ToString()
    {
        if (Status is null)
        {
            return "nothing had come";
        }

        var compressed =
            Encoding is null ? ""
            : IsEventStream ? $", compressed with {Encoding}: a gateway may hold the stream back"
            : $", compressed with {Encoding}";
        return Bytes == 0
            ? $"the headers had come (HTTP {(int)Status}), but no byte of the body{compressed}"
            : $"{Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes had come{compressed}";
    }
}
