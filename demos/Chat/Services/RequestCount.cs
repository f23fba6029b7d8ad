namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>Requests that were sent: for answers, and for tokens.</summary>
internal readonly record struct RequestCount(int Chats, int Tokens)
{
    public RequestCount Since(RequestCount earlier)
    {
        return new(Chats - earlier.Chats, Tokens - earlier.Tokens);
    }

    public override string ToString()
    {
        return Tokens > 0 ? $"{Chats} + {Tokens} token" : $"{Chats}";
    }
}
