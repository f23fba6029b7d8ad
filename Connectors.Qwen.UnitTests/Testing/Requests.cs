using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Requests as the JSON that goes on the wire.</summary>
internal static class Requests
{
    public static string Map(ChatOptions? options, params ChatMessage[] messages)
    {
        return Map(options, isStream: false, messages);
    }

    public static string Map(ChatOptions? options, bool isStream, params ChatMessage[] messages)
    {
        var request = RequestMapper.ToWire(messages, options, "default-model", isStream, Mock.Of<IChatClient>());
        return JsonSerializer.Serialize(request, QwenJsonContext.Wire.QwenChatRequest);
    }

    /// <summary>The request without its messages and default model: what the options made.</summary>
    public static string MapOptions(ChatOptions options)
    {
        var request = RequestMapper.ToWire(Inner.Hello, options, "default-model", false, Mock.Of<IChatClient>());
        request.Messages = null;
        request.Model = request.Model == "default-model" ? null : request.Model;
        return JsonSerializer.Serialize(request, QwenJsonContext.Wire.QwenChatRequest);
    }

    /// <summary>The messages of the request alone.</summary>
    public static string MapMessages(params ChatMessage[] messages)
    {
        using var request = JsonDocument.Parse(Map(null, messages));
        return request.RootElement.GetProperty("messages").GetRawText();
    }

    public static AIFunctionDeclaration Tool(string name = "f", string? description = "Does f.")
    {
        var schema = JsonAssert.Element("""{"type":"object","properties":{"a":{"type":"integer"}}}""");
        return AIFunctionFactory.CreateDeclaration(name, description, schema);
    }
}
