using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

#pragma warning disable MEAI001 // The failover client is experimental.

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>Programs that a client is put into: a kernel, a failover, a file that is run without being compiled ahead.</summary>
public sealed partial class HostPeerTests
{
    /// <summary>An argument of a tool that is more than a primitive.</summary>
    internal sealed record Place(string City, string Country);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task M17_KernelsPromptOverAChatClient_NeedsMetadataThatBothHave()
    {
        await using var setup = await Setup.StartAsync();

        await OpenAIPeer.StillAsync(
            "M17",
            async () =>
            {
                using var silent = new WithoutMetadata(OpenAIPeer.Client(setup));
                await Assert.ThrowsAsync<ArgumentNullException>(() => PromptAsync(setup, silent));
                Assert.Equal(Setup.Text, await PromptAsync(setup, OpenAIPeer.Client(setup)));
            }
        );

        Assert.Equal(Setup.Text, await PromptAsync(setup, setup.Pipeline()));
    }

    [Fact]
    public async Task M18_FailoverAroundAStreamThatBreaksBehindItsEmptyChunk_FailsThereAndAnswersHere()
    {
        await using var setup = await Setup.StartAsync();
        // Its first chunk says a role and no word.
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(0), QwenBehavior.ResetAfter(0));

        await OpenAIPeer.StillAsync(
            "M18",
            async () =>
            {
                var (text, failure) = await Ask.ReadAsync(Two(setup, model => OpenAIPeer.Client(setup, model: model)));
                Assert.Equal("", text);
                Assert.IsType<IOException>(failure, exactMatch: false);
                Assert.Equal(["first"], Models(setup));
            }
        );

        setup.Qwen.Journal.Clear();
        var ours = Two(setup, model => setup.Pipeline(options => options.ModelId = model));
        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(ours));
        Assert.Equal(["first", "first"], Models(setup));
    }

    [Fact]
    public async Task M18_FailoverAroundARequestThatIsWrong_AsksTheSecondForBoth()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(400, "invalid_parameter_error", "No."),
            static request => request.Model == "first"
        );

        await OpenAIPeer.StillAsync(
            "M18",
            async () =>
            {
                var client = Two(setup, model => OpenAIPeer.Client(setup, model: model));
                Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: false)).Text);
                Assert.Equal(["first", "second"], Models(setup));
            }
        );

        setup.Qwen.Journal.Clear();
        var ours = Two(setup, model => setup.Pipeline(options => options.ModelId = model));
        Assert.Equal(Setup.Text, (await Ask.Async(ours, streaming: false)).Text);
        Assert.Equal(["first", "second"], Models(setup));
    }

    /// <remarks>
    /// A file that is run by <c>dotnet run app.cs</c> has JSON without reflection. To build and run one takes half a minute and tells no
    /// more: the switch takes one resolver out of the default options, which is done here by hand. That the library itself needs no
    /// reflection is what its unit tests show, which run with the switch off.
    /// </remarks>
    [Fact]
    public async Task M19_FileBasedApp_NeedsAContextForRecordsWithBoth()
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var switchedOff = WithoutReflection();
        Assert.Throws<NotSupportedException>(() => Weather(switchedOff));
        Assert.Throws<NotSupportedException>(() => ChatResponseFormat.ForJsonSchema<Place>(switchedOff));
        var withContext = WithoutReflection(PlaceContext.Default);

        await OpenAIPeer.StillAsync("M19", async () => await AssertCallsAsync(OpenAIPeer.Client(setup)));

        await AssertCallsAsync(setup.Pipeline());

        async Task AssertCallsAsync(IChatClient client)
        {
            using var invoking = client.AsBuilder().UseFunctionInvocation().Build();
            var primitive = AIFunctionFactory.Create(
                static (int degrees) => degrees + 1,
                "warmer",
                serializerOptions: switchedOff
            );
            foreach (var tool in new[] { primitive, Weather(withContext) })
            {
                var options = new ChatOptions { Tools = [tool] };
                var answer = await invoking.GetResponseAsync($"What does {tool.Name} say?", options, Cancel);
                Assert.Contains(
                    tool == primitive ? "2" : "Rain in some City",
                    answer.Text,
                    StringComparison.OrdinalIgnoreCase
                );
            }
        }
    }

    private static AIFunction Weather(JsonSerializerOptions json)
    {
        return AIFunctionFactory.Create(
            static (Place place) => $"Rain in {place.City}",
            "weather",
            serializerOptions: json
        );
    }

    private static JsonSerializerOptions WithoutReflection(IJsonTypeInfoResolver? context = null)
    {
        var json = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        foreach (var resolver in json.TypeInfoResolverChain.OfType<DefaultJsonTypeInfoResolver>().ToArray())
        {
            json.TypeInfoResolverChain.Remove(resolver);
        }

        if (context is not null)
        {
            json.TypeInfoResolverChain.Add(context);
        }

        json.MakeReadOnly();
        return json;
    }

    private static async Task<string> PromptAsync(Setup setup, IChatClient client)
    {
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton(_ => client);
        var kernel = builder.Build();
        setup.Own((ServiceProvider)kernel.Services);
        return (await kernel.InvokePromptAsync("Why?", cancellationToken: Cancel)).ToString();
    }

    private static OrderedFailoverChatClient Two(Setup setup, Func<string, IChatClient> make)
    {
        return setup.Own(new OrderedFailoverChatClient([make("first"), make("second")]));
    }

    private static IEnumerable<string?> Models(Setup setup)
    {
        return setup.Qwen.Journal.Chats.Select(static chat => chat.Request.Model);
    }

    private sealed class WithoutMetadata(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null)
        {
            return serviceType == typeof(ChatClientMetadata) ? null : base.GetService(serviceType, serviceKey);
        }
    }

    [JsonSerializable(typeof(Place))]
    private sealed partial class PlaceContext : JsonSerializerContext;
}
