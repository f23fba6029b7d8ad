using Connectors.Qwen.IntegrationTests.Kernels;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>The contract against the raw client: one call is one request.</summary>
public sealed class RawClientTests : ChatClientContract
{
    private protected override IChatClient Create(Setup setup)
    {
        return setup.Raw();
    }
}

/// <summary>The contract against the whole pipeline.</summary>
public sealed class PipelineTests : ChatClientContract
{
    private protected override IChatClient Create(Setup setup)
    {
        return setup.Pipeline();
    }
}

/// <summary>The contract against the client that dependency injection gives.</summary>
public sealed class InjectedClientTests : ChatClientContract
{
    private protected override IChatClient Create(Setup setup)
    {
        var from = setup.Options();
        var services = new ServiceCollection();
        services.AddQwenChatClient(options =>
        {
            options.ModelId = from.ModelId;
            options.ApiKey = from.ApiKey;
            options.Endpoint = from.Endpoint;
        });
        return setup.Own(services.BuildServiceProvider()).GetRequiredService<IChatClient>();
    }
}

/// <summary>The contract against the chat completion service of a kernel.</summary>
/// <remarks>
/// The other door, the kernel's <c>IChatClient</c>, is the injected client with function invocation around it and would show nothing new.
/// Here everything goes through our service: messages and settings from Semantic Kernel's types, answers into them. That a service can be asked
/// as a chat client is Semantic Kernel's adapter around it; what that one drops is said where it is met.
/// </remarks>
public sealed class KernelServiceTests : ChatClientContract
{
    // The adapter makes plain settings, which have no word for parallel calls, and functions of its own without additional properties.
    private protected override bool KeepsDetailsOfTools => false;

    // The adapter makes a response of the message alone, and updates of the words alone. Ours are inside of them.
    private protected override bool TellsUsage => false;

    private protected override UsageDetails? UsageOf(ChatResponse response)
    {
        return (response.RawRepresentation as ChatResponse)?.Usage;
    }

    private protected override IEnumerable<AIContent> ContentsOf(ChatResponseUpdate update)
    {
        return (update.RawRepresentation as ChatResponseUpdate)?.Contents ?? [];
    }

    private protected override IChatClient Create(Setup setup)
    {
        var kernel = setup.Kernel(KernelDoor.ChatCompletion);
        return setup.Own(kernel.GetRequiredService<IChatCompletionService>().AsChatClient());
    }
}

/// <summary>
/// The contract against the real service, when <c>DASHSCOPE_API_KEY</c> is set; <c>DASHSCOPE_ENDPOINT</c>, <c>DASHSCOPE_MODEL</c> and
/// <c>DASHSCOPE_VISION_MODEL</c> choose what is asked. It costs some cents.
/// </summary>
public sealed class LiveServiceTests : ChatClientContract
{
    private static readonly string? Key = Environment.GetEnvironmentVariable(QwenClientOptions.ApiKeyVariable);

    private protected override bool IsLive => true;

    private protected override string VisionModel =>
        Environment.GetEnvironmentVariable("DASHSCOPE_VISION_MODEL") ?? base.VisionModel;

    private protected override IChatClient Create(Setup setup)
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Key), $"{QwenClientOptions.ApiKeyVariable} is not set.");
        var endpoint = Environment.GetEnvironmentVariable("DASHSCOPE_ENDPOINT");
        var model = Environment.GetEnvironmentVariable("DASHSCOPE_MODEL") ?? "qwen3-max";
        return setup.Own(
            QwenPipeline.CreateChatClient(model, Key, string.IsNullOrEmpty(endpoint) ? null : new Uri(endpoint))
        );
    }
}
