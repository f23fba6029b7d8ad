using System.ClientModel;
using System.ClientModel.Primitives;
using System.Reflection;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using OpenAI;
using OpenAI.Chat;

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>OpenAI's client as people point it at Qwen: the compatible endpoint, the key, the model, and nothing else.</summary>
internal static class OpenAIPeer
{
    /// <summary>What was compared, as the README names it.</summary>
    public static string Versions =>
        $"Microsoft.Extensions.AI.OpenAI {Version(typeof(OpenAIClientExtensions))} over OpenAI {Version(typeof(OpenAIClient))}"
        + $" (M15: Semantic Kernel's connector {Version(typeof(OpenAIPromptExecutionSettings))})";

    public static IChatClient Client(
        Setup setup,
        Action<OpenAIClientOptions>? configure = null,
        string model = "qwen3-max"
    )
    {
        var options = new OpenAIClientOptions { Endpoint = setup.Qwen.Endpoint };
        configure?.Invoke(options);
        var client = new ChatClient(model, new ApiKeyCredential(QwenSimulatorOptions.DefaultApiKey), options);
        return setup.Own(client.AsIChatClient());
    }

    /// <summary>The same over a caller's own HTTP client.</summary>
    public static IChatClient Client(Setup setup, HttpClient http, TimeSpan networkTimeout)
    {
        return Client(
            setup,
            options =>
            {
                options.Transport = new HttpClientPipelineTransport(http);
                options.NetworkTimeout = networkTimeout;
            }
        );
    }

    /// <summary>Runs what the row claims of the peer. When it does not hold any more, the peer has changed and not this library.</summary>
    public static async Task StillAsync(string id, Func<Task> claims)
    {
        try
        {
            await claims();
        }
        catch (Exception e)
        {
            var row = PeerRows.All.Single(row => row.Id == id);
            throw new InvalidOperationException(
                $"{id}: \"{row.Peer}\" no longer holds of {Versions}. Change the row in PeerRows and this test, and write the "
                    + $"README anew. {e.GetType().Name}: {e.Message}",
                e
            );
        }
    }

    private static string Version(Type type)
    {
        var version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        return version.Split('+')[0];
    }
}
