using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>Turns an HTTP answer that is not a success into an exception. Reads a bounded part of its body.</summary>
internal static class ErrorAnswer
{
    private const int MaxBodyBytes = 64 << 10;
    private const int MaxPlainText = 200;

    // The status is known already: words that do not come are not worth the clock of the attempt.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<QwenException> ReadAsync(
        HttpResponseMessage response,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        if ((int)response.StatusCode is >= 300 and < 400)
        {
            return Redirect(response, facts);
        }

        var body = await ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
        var error =
            WireError.Parse(body)
            ?? new WireError(
                null,
                null,
                PlainText(response.Content.Headers.ContentType, body.Span, facts.Secret),
                null,
                null
            );
        return ServerFailure.Create(error, response.StatusCode, facts, RetryAfter(response.Headers));
    }

    /// <summary>How long the server asks to wait: milliseconds, seconds or a date (measured by the server's own clock).</summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders headers)
    {
        if (
            headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.FirstOrDefault(), CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is >= 0 and < 1e12
        )
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        return headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => Until(date, headers.Date ?? TimeProvider.System.GetUtcNow()),
            _ => null,
        };

        static TimeSpan Until(DateTimeOffset date, DateTimeOffset now)
        {
            return date > now ? date - now : TimeSpan.Zero;
        }
    }

    private static QwenException Redirect(HttpResponseMessage response, RequestFacts facts)
    {
        // Only scheme and host: a location may carry secrets in its query.
        var target = response.Headers.Location is { IsAbsoluteUri: true } location
            ? ServerFailure.Word($"{location.Scheme}://{location.Authority}", facts.Secret)
            : "another path";
        return facts.Failure(
            QwenFailureKind.Protocol,
            $"{facts.Endpoint.Host} redirects to {target} (HTTP {(int)response.StatusCode}). Redirects are not followed: "
                + "they would carry the prompt there. Set Endpoint to the right address.",
            status: response.StatusCode,
            isPermanent: true
        );
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        BoundedStream? stream = null;
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            stream = await ResponseBody
                .OpenAsync(response, ResponseLimits.None, isEventStream: false, either.Token)
                .ConfigureAwait(false);
            var buffer = new byte[MaxBodyBytes];
            var length = await stream
                .ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, either.Token)
                .ConfigureAwait(false);
            return buffer.AsMemory(0, length);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw Arrival.Of(response, stream).Interrupted(e, cancellationToken);
        }
        catch (Exception e)
            when (e is OperationCanceledException or IOException or HttpRequestException || ResponseBody.IsDamage(e))
        {
            // The status says more than a body that cannot be read.
            return default;
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // Gateways answer with a phrase or with an HTML page. A short phrase is worth reading; of a page, only its title.
    private static string? PlainText(MediaTypeHeaderValue? type, ReadOnlySpan<byte> body, string secret)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, 4096)]).Trim();
        var open = text.IndexOf("<title>", StringComparison.OrdinalIgnoreCase);
        var close = text.IndexOf("</title>", StringComparison.OrdinalIgnoreCase);
        if (open >= 0 && close > open)
        {
            text = WebUtility.HtmlDecode(text[(open + 7)..close].Trim());
        }
        else if (text.StartsWith('<') || type?.MediaType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true)
        {
            return null;
        }

        // Before it is cut: half a key is a leak too.
        text = ServerFailure.Redact(text, secret);
        return text.Length == 0 ? null
            : text.Length <= MaxPlainText ? text
            : text[..MaxPlainText] + "...";
    }
}
