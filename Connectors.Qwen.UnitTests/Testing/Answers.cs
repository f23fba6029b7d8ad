using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>HTTP answers of a line or two.</summary>
internal static class Answers
{
    public const string Completion = """
        {"id":"chatcmpl-1","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},
        "finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16}}
        """;

    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK)
    {
        return Bytes(Encoding.UTF8.GetBytes(json), "application/json", status);
    }

    public static HttpResponseMessage Text(string text, string? mediaType, HttpStatusCode status)
    {
        return Bytes(Encoding.UTF8.GetBytes(text), mediaType, status);
    }

    /// <summary>An event stream, byte for byte.</summary>
    public static HttpResponseMessage Stream(string text)
    {
        return Bytes(Encoding.UTF8.GetBytes(text), "text/event-stream", HttpStatusCode.OK);
    }

    /// <summary>An event stream of these data.</summary>
    public static HttpResponseMessage Events(params string[] data)
    {
        return Stream(string.Concat(data.Select(d => $"data: {d}\n\n")));
    }

    public static HttpResponseMessage Bytes(byte[] body, string? mediaType, HttpStatusCode status = HttpStatusCode.OK)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = mediaType is null ? null : new MediaTypeHeaderValue(mediaType);
        return new HttpResponseMessage(status) { Content = content };
    }

    public static HttpResponseMessage With(this HttpResponseMessage response, string header, string value)
    {
        if (!response.Headers.TryAddWithoutValidation(header, value))
        {
            response.Content.Headers.TryAddWithoutValidation(header, value);
        }

        return response;
    }
}
