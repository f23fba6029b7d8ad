using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>The model that a call asks, for what is remembered and reported per model.</summary>
internal sealed class ModelNames(IChatClient innerClient)
{
    private readonly string _default = innerClient.GetService<ChatClientMetadata>()?.DefaultModelId
        is { Length: > 0 } model
        ? model
        : "default";

    public string Of(ChatOptions? options)
    {
        return options?.ModelId is { Length: > 0 } model ? model : _default;
    }
}
