using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>A raw client over a script.</summary>
internal static class RawClient
{
    public const string Secret = "sk-0123456789abcdef0123456789abcdef";

    public static QwenChatClient Over(ScriptedHandler handler, Action<QwenClientOptions>? configure = null)
    {
        var options = new QwenClientOptions { ModelId = "m", Endpoint = new Uri("https://qwen.example/v1") };
        configure?.Invoke(options);
        return new QwenChatClient(options, new ApiKeyCredentialProvider(Secret), handler.CreateClient());
    }

    /// <summary>What such a client knows of a request.</summary>
    public static RequestFacts Facts(Uri endpoint, string secret = Secret, object? credentialHandle = null)
    {
        return new RequestFacts
        {
            Endpoint = endpoint,
            Address = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/chat/completions"),
            Secret = secret,
            Authorization = "Bearer " + secret,
            CredentialHandle = credentialHandle ?? new object(),
        };
    }

    public static async Task<QwenException> FailureOfAnswer(Func<HttpResponseMessage> answer)
    {
        var e = await Record.ExceptionAsync(() => Over(new ScriptedHandler(answer)).GetResponseAsync(Inner.Hello));
        return Assert.IsType<QwenException>(e, exactMatch: false);
    }

    public static async Task<QwenException> FailureOfStream(
        Func<HttpResponseMessage> answer,
        Action<QwenClientOptions>? configure = null
    )
    {
        var client = Over(new ScriptedHandler(answer), configure);
        var e = await Record.ExceptionAsync(() => client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync());
        return Assert.IsType<QwenException>(e, exactMatch: false);
    }

    public static Task<List<ChatResponseUpdate>> ReadStream(
        Func<HttpResponseMessage> answer,
        Action<QwenClientOptions>? configure = null
    )
    {
        return Over(new ScriptedHandler(answer), configure).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();
    }
}
