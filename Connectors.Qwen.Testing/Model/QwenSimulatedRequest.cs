using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing;

/// <summary>The parsed view of one request that the simulator received. Immutable and thread-safe.</summary>
/// <remarks>Reading is lenient: what is absent or of the wrong type reads as <see langword="null"/>, <see langword="false"/> or undefined.</remarks>
public sealed class QwenSimulatedRequest
{
    private readonly Func<string?, QwenSimulatedModel> _findModel;

    internal QwenSimulatedRequest(
        string text,
        IReadOnlyDictionary<string, string> headers,
        IReadOnlyDictionary<string, string> form,
        IReadOnlyDictionary<string, string> query,
        Func<string?, QwenSimulatedModel> findModel
    )
    {
        _findModel = findModel;
        Text = text;
        Headers = headers;
        Form = form;
        Query = query;
        Token = BearerToken(headers);
        Body = form.Count > 0 ? default : JsonRead.ParseOrUndefined(text);
        Messages = Body.Member("messages");
        Model = Body.Text("model");
        EnableThinking = Body.Flag("enable_thinking");
        var last = Messages.Items().LastOrDefault();
        IsPartial = last.Text("role") == "assistant" && last.Flag("partial") == true;
        Prefix = IsPartial ? last.Member("content").PlainText() : null;
    }

    /// <summary>Gets the body as received.</summary>
    public string Text { get; }

    /// <summary>Gets the headers; names are compared without case. They include <c>Authorization</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Gets the fields of a form, that is of a request for tokens or for a device code; empty for the others.</summary>
    public IReadOnlyDictionary<string, string> Form { get; }

    /// <summary>Gets the parameters of the query, decoded; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Query { get; }

    /// <summary>Gets the bearer token or API key; <see langword="null"/> when there is none.</summary>
    public string? Token { get; }

    /// <summary>Gets the body of a chat request; of kind <see cref="JsonValueKind.Undefined"/> when it is not JSON.</summary>
    public JsonElement Body { get; }

    /// <summary>Gets <c>messages</c>; of kind <see cref="JsonValueKind.Undefined"/> when absent.</summary>
    public JsonElement Messages { get; }

    /// <summary>Gets <c>model</c>.</summary>
    public string? Model { get; }

    /// <summary>Gets a value indicating whether a stream is asked for.</summary>
    public bool IsStream => Body.Flag("stream") == true;

    /// <summary>Gets a value indicating whether <c>stream_options.include_usage</c> is on.</summary>
    public bool IncludesUsage => Body.Member("stream_options").Flag("include_usage") == true;

    /// <summary>Gets <c>enable_thinking</c>; <see langword="null"/> when absent.</summary>
    public bool? EnableThinking { get; }

    /// <summary>Gets a value indicating whether the model thinks about this request, its own default considered.</summary>
    public bool IsThinking => KnownModel.Thinks(EnableThinking);

    /// <summary>Gets a value indicating whether the last message is an assistant message with <c>partial: true</c>.</summary>
    public bool IsPartial { get; }

    /// <summary>Gets the text of the partial message; <see langword="null"/> unless <see cref="IsPartial"/>.</summary>
    public string? Prefix { get; }

    /// <summary>Gets <c>tools</c>; of kind <see cref="JsonValueKind.Undefined"/> when absent.</summary>
    public JsonElement Tools => Body.Member("tools");

    /// <summary>Gets the text of the last user message, its text parts joined; empty when there is none.</summary>
    public string LastUserText =>
        Messages.Items().LastOrDefault(message => message.Text("role") == "user").Member("content").PlainText();

    internal QwenSimulatedModel KnownModel => _findModel(Model);

    /// <summary>The same request without its last message: the conversation that a partial message continues.</summary>
    internal QwenSimulatedRequest WithoutLastMessage()
    {
        var body = JsonNode.Parse(Text)!;
        var messages = body["messages"]!.AsArray();
        messages.RemoveAt(messages.Count - 1);
        return new QwenSimulatedRequest(body.ToJsonString(), Headers, Form, Query, _findModel);
    }

    private static string? BearerToken(IReadOnlyDictionary<string, string> headers) =>
        headers.TryGetValue("Authorization", out var value)
        && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && value[7..].Trim() is { Length: > 0 } token
            ? token
            : null;
}
