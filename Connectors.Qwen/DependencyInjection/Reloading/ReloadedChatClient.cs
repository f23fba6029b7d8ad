using Microsoft.Extensions.AI;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>A pipeline whose options may change: a call begins and ends in the one that was there when it was made. Thread-safe.</summary>
internal sealed class ReloadedChatClient(Reloaded<QwenOptions, IChatClient> pipeline) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return pipeline.Current.GetResponseAsync(messages, options, cancellationToken);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return pipeline.Current.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : pipeline.Current.GetService(serviceType, serviceKey);
    }

    public void Dispose()
    {
        pipeline.Dispose();
    }
}
