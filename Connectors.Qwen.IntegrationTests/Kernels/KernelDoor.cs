using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.IntegrationTests.Kernels;

/// <summary>The two ways in which a kernel gets Qwen.</summary>
public enum KernelDoor
{
    ChatCompletion,
    ChatClient,
}

internal static class KernelDoors
{
    /// <summary>A kernel in front of the simulator.</summary>
    public static Kernel Kernel(this Setup setup, KernelDoor door, Action<IKernelBuilder>? configure = null)
    {
        var builder = Microsoft.SemanticKernel.Kernel.CreateBuilder();
        builder.Add(setup, door);
        configure?.Invoke(builder);
        var kernel = builder.Build();
        setup.Own((ServiceProvider)kernel.Services);
        return kernel;
    }

    public static void Add(
        this IKernelBuilder builder,
        Setup setup,
        KernelDoor door,
        string? id = null,
        string? model = null
    )
    {
        var from = setup.Options();
        void Configure(QwenOptions options)
        {
            options.ModelId = model ?? from.ModelId;
            options.ApiKey = from.ApiKey;
            options.Endpoint = from.Endpoint;
            options.TimeoutRetry.BaseDelay = from.TimeoutRetry.BaseDelay;
            options.TimeoutRetry.MaxDelay = from.TimeoutRetry.MaxDelay;
        }

        _ =
            door == KernelDoor.ChatClient
                ? builder.AddQwenChatClient(Configure, id)
                : builder.AddQwenChatCompletion(Configure, id);
    }
}
