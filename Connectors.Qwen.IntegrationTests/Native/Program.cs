using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Connectors.Qwen;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

// Usage: Connectors.Qwen.Native <endpoint> <key>. Says what it got, a line each.
var (endpoint, key) = (new Uri(args[0]), args[1]);

// By hand: a whole answer, and a streamed one.
using (var client = QwenPipeline.CreateChatClient("qwen3-max", key, endpoint))
{
    Say("whole", (await client.GetResponseAsync("Hello")).Text);
    var streamed = "";
    await foreach (var update in client.GetStreamingResponseAsync("Hello"))
    {
        streamed += update.Text;
    }

    Say("streamed", streamed);

    var weather = await client.GetResponseAsync<Weather>("How is the weather?", Words.Default.Options);
    Say("structured", $"{weather.Result.City} {weather.Result.Degrees}");
}

// From configuration, with functions that are called.
var configuration = new ConfigurationBuilder()
    .AddInMemoryCollection(
        new Dictionary<string, string?>
        {
            ["Qwen:ModelId"] = "qwen3-max",
            ["Qwen:ApiKey"] = key,
            ["Qwen:Endpoint"] = endpoint.ToString(),
            ["Qwen:TimeoutRetry:MaxRetries"] = "2",
        }
    )
    .Build();
var services = new ServiceCollection();
services.AddQwenChatClient(configuration.GetSection("Qwen")).UseFunctionInvocation();
services.AddQwenEmbeddingGenerator("text-embedding-v4", key, endpoint);
await using var provider = services.BuildServiceProvider();
var look = AIFunctionFactory.Create(
    ([Description("The city.")] string city) => new Weather(city, 26),
    "look",
    "Looks at the sky.",
    Words.Default.Options
);
var answer = await provider
    .GetRequiredService<IChatClient>()
    .GetResponseAsync("What is the weather?", new ChatOptions { Tools = [look] });
Say("tools", answer.Text);

var embeddings = await provider
    .GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()
    .GenerateAsync(["one", "two"]);
Say("embeddings", $"{embeddings.Count} x {embeddings[0].Vector.Length}");
return 0;

static void Say(string what, string got)
{
    Console.WriteLine($"{what}: {got}");
}

internal sealed record Weather(string City, int Degrees);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Weather))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class Words : JsonSerializerContext;
