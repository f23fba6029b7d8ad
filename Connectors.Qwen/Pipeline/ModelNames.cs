using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>A model, and where it is asked: what is learned of one endpoint says nothing of another.</summary>
/// <param name="Name">The model.</param>
/// <param name="Endpoint">The endpoint; null where there is but one, or none is known.</param>
internal readonly record struct ModelAt(string Name, Uri? Endpoint = null)
{
    public static implicit operator ModelAt(string name)
    {
        return new ModelAt(name);
    }

    public override string ToString()
    {
        return Endpoint is null ? Name : $"{Name} at {Endpoint.Authority}";
    }
}

/// <summary>The model that a call asks, for what is remembered and reported per model.</summary>
internal sealed class ModelNames(IChatClient innerClient)
{
    private readonly IRoutesCalls? _routes = innerClient.GetService<IRoutesCalls>();
    private readonly string _default = innerClient.GetService<ChatClientMetadata>()?.DefaultModelId
        is { Length: > 0 } model
        ? model
        : "default";

    public string Of(ChatOptions? options)
    {
        return options?.ModelId is { Length: > 0 } model ? model : _default;
    }

    /// <summary>The same, and where a call that has begun is going.</summary>
    public ModelAt Of(ChatOptions? options, QwenCall call)
    {
        return new ModelAt(Of(options), call.Endpoint);
    }

    /// <summary>The same, for a call that begins.</summary>
    public async ValueTask<ModelAt> FindAsync(ChatOptions? options, QwenCall call, CancellationToken cancellationToken)
    {
        await call.LocateAsync(_routes, cancellationToken).ConfigureAwait(false);
        return Of(options, call);
    }
}
