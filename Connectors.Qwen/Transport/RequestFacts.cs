using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Connectors.Qwen.Transport;

/// <summary>What is known about one request, for sending it and for the errors it may end in. A class, not a record: it never prints itself.</summary>
internal sealed class RequestFacts
{
    /// <summary>The base address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Where the request goes.</summary>
    public required Uri Address { get; init; }

    /// <summary>The secret of the request, to be taken out of whatever the server says.</summary>
    public required string Secret { get; init; }

    /// <summary>The <c>Authorization</c> header.</summary>
    public required string Authorization { get; init; }

    /// <summary>What a renewal needs to know which credential was rejected; opaque here.</summary>
    public required object CredentialHandle { get; init; }

    /// <summary>The names of the parameters that were changed to what the model takes; null when none was.</summary>
    public string? Adapted { get; set; }

    /// <summary>The server's id of the request, once it has answered.</summary>
    public string? RequestId { get; private set; }

    /// <summary>How long the server lets a request take (header <c>x-dashscope-timeout</c>), once it has answered; null when it does not say.</summary>
    public TimeSpan? ServerTimeout { get; private set; }

    /// <summary>The server's clock (header <c>Date</c>), once it has answered; null when it does not say.</summary>
    public DateTimeOffset? ServerDate { get; private set; }

    /// <summary>Reads what the head of the answer tells.</summary>
    public void Answered(HttpResponseHeaders headers)
    {
        RequestId = ServerFailure.Word(Value(headers, "x-request-id"), Secret);
        ServerDate = headers.Date;
        ServerTimeout =
            int.TryParse(
                Value(headers, "x-dashscope-timeout"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var seconds
            )
            && seconds > 0
                ? TimeSpan.FromSeconds(seconds)
                : null;
    }

    /// <summary>The exception of a failure of this request that the server did not name itself.</summary>
    public QwenException Failure(
        QwenFailureKind kind,
        string message,
        Exception? cause = null,
        HttpStatusCode? status = null,
        string? partialText = null,
        bool isPermanent = false,
        string? malformed = null,
        object? usage = null,
        bool endedCleanly = false,
        object? part = null
    )
    {
        return new QwenException(kind, message, cause, status)
        {
            MalformedData = malformed,
            ReportedUsage = usage,
            EndedCleanly = endedCleanly,
            Part = part,
            IsPermanent = isPermanent,
            PartialText = partialText,
            RequestId = RequestId,
            Endpoint = Endpoint,
            CredentialHandle = CredentialHandle,
        };
    }

    private static string? Value(HttpResponseHeaders headers, string name)
    {
        return headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
    }
}

/// <summary>How much of an answer is read, in bytes after decompression.</summary>
internal readonly record struct ResponseLimits(long MaxResponseBytes, long MaxEventBytes, bool KeepsRaw = false)
{
    /// <summary>For what counts by itself.</summary>
    public static ResponseLimits None => new(long.MaxValue, long.MaxValue);
}
