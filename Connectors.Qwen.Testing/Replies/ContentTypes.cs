namespace Connectors.Qwen.Testing.Replies;

/// <summary>The content types of the service.</summary>
internal static class ContentTypes
{
    public const string Json = "application/json";
    public const string EventStream = "text/event-stream;charset=UTF-8";
}
