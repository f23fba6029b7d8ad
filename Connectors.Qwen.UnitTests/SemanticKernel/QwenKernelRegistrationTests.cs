using Connectors.Qwen.UnitTests.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;

namespace Connectors.Qwen.UnitTests.SemanticKernel;

public sealed class QwenKernelRegistrationTests
{
    private static readonly Uri Endpoint = new("https://qwen.example/v1");

    private readonly IKernelBuilder _builder = Kernel.CreateBuilder();

    private static IConfiguration Section =>
        new ConfigurationBuilder()
            .AddInMemoryCollection([new("ModelId", "m"), new("ApiKey", "sk-key"), new("Endpoint", $"{Endpoint}")])
            .Build();

    [Fact]
    public void ChatCompletion_EachForm_IsAServiceOfTheModel()
    {
        _builder
            .AddQwenChatCompletion("m", "sk-key", Endpoint)
            .AddQwenChatCompletion(Section, "section")
            .AddQwenChatCompletion(Describe, "code");
        _builder.Services.AddQwenChatCompletion("m", "sk-key", Endpoint, "services");
        using var provider = _builder.Services.BuildServiceProvider();

        IChatCompletionService[] services =
        [
            provider.GetRequiredService<IChatCompletionService>(),
            .. new[] { "section", "code", "services" }.Select(provider.GetRequiredKeyedService<IChatCompletionService>),
        ];

        Assert.Equal(4, services.Distinct().Count());
        Assert.All(
            services,
            service =>
            {
                Assert.IsType<QwenChatCompletionService>(service);
                Assert.Equal(("m", $"{Endpoint}"), (service.GetModelId(), service.GetEndpoint()));
            }
        );
        Assert.Null(provider.GetService<IChatClient>());
    }

    [Fact]
    public void ChatClient_EachForm_InvokesFunctionsOutsideThePipeline()
    {
        _builder
            .AddQwenChatClient("m", "sk-key", Endpoint)
            .AddQwenChatClient(Section, "section")
            .AddQwenChatClient(Describe, "code");
        using var provider = _builder.Services.BuildServiceProvider();

        IChatClient[] clients =
        [
            provider.GetRequiredService<IChatClient>(),
            .. new[] { "section", "code" }.Select(provider.GetRequiredKeyedService<IChatClient>),
        ];

        Assert.All(
            clients,
            client =>
            {
                Assert.IsType<FunctionInvokingChatClient>(client, exactMatch: false);
                QwenPipelineTests.AssertOrder(client.GetService<StreamingFallbackChatClient>()!);
                Assert.Equal("m", client.GetService<ChatClientMetadata>()!.DefaultModelId);
            }
        );
    }

    [Fact]
    public void ChatCompletion_TwiceWithoutAnId_AreTwoServices()
    {
        // Semantic Kernel chooses by the model of the settings.
        _builder.AddQwenChatCompletion("qwen3-max", "key").AddQwenChatCompletion("qwen-flash", "key");
        using var provider = _builder.Services.BuildServiceProvider();

        var services = provider.GetServices<IChatCompletionService>();

        Assert.Equal(["qwen-flash", "qwen3-max"], services.Select(static service => service.GetModelId()).Order());
    }

    [Fact]
    public void HttpClient_ThatIsGiven_SendsTheRequests()
    {
        using var http = new HttpClient();
        _builder.AddQwenChatClient("m", "sk-key", Endpoint, httpClient: http).AddQwenChatClient(Describe, "code", http);
        using var provider = _builder.Services.BuildServiceProvider();

        Assert.Same(http, provider.GetRequiredService<IChatClient>().GetService<HttpClient>());
        Assert.Same(http, provider.GetRequiredKeyedService<IChatClient>("code").GetService<HttpClient>());
    }

    [Fact]
    public void WrongInput_IsNamedAtOnce()
    {
        var services = new ServiceCollection();
        IKernelBuilder none = null!;
        IServiceCollection noServices = null!;

        Assert.Throws<ArgumentNullException>("builder", () => none.AddQwenChatCompletion("m"));
        Assert.Throws<ArgumentNullException>("builder", () => none.AddQwenChatCompletion(Section));
        Assert.Throws<ArgumentNullException>("builder", () => none.AddQwenChatCompletion(Describe));
        Assert.Throws<ArgumentNullException>("builder", () => none.AddQwenChatClient("m"));
        Assert.Throws<ArgumentNullException>("builder", () => none.AddQwenChatClient(Section));
        Assert.Throws<ArgumentNullException>("builder", () => none.AddQwenChatClient(Describe));
        Assert.Throws<ArgumentNullException>("services", () => noServices.AddQwenChatCompletion("m"));
        Assert.Throws<ArgumentNullException>("services", () => noServices.AddQwenChatCompletion(Section));
        Assert.Throws<ArgumentNullException>("services", () => noServices.AddQwenChatCompletion(Describe));
        Assert.Throws<ArgumentException>("modelId", () => services.AddQwenChatCompletion(" "));
        Assert.Throws<ArgumentNullException>("modelId", () => _builder.AddQwenChatCompletion((string)null!));
        Assert.Throws<ArgumentException>("modelId", () => _builder.AddQwenChatClient(""));
        Assert.Throws<ArgumentNullException>("section", () => _builder.AddQwenChatCompletion((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>("section", () => _builder.AddQwenChatClient((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>(
            "configure",
            () => _builder.AddQwenChatCompletion((Action<QwenOptions>)null!)
        );
        Assert.Throws<ArgumentNullException>("configure", () => _builder.AddQwenChatClient((Action<QwenOptions>)null!));
        var endpoint = Assert.Throws<ArgumentException>(() =>
            _builder.AddQwenChatCompletion("m", endpoint: new Uri("http://qwen.example"))
        );
        var key = Assert.Throws<ArgumentException>(() => _builder.AddQwenChatClient("m", "sk-sp-0123456789"));

        Assert.Contains("is not encrypted", endpoint.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", key.Message, StringComparison.Ordinal);
        Assert.Empty(services);
    }

    [Fact]
    public async Task Service_WrongInput_IsNamed()
    {
        using var client = new QwenChatClient(
            new QwenClientOptions
            {
                ModelId = "m",
                ApiKey = "sk-key",
                Endpoint = Endpoint,
            }
        );
        using var service = new QwenChatCompletionService(client);

        Assert.Throws<ArgumentNullException>("client", static () => new QwenChatCompletionService(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(
            "chatHistory",
            () => service.GetChatMessageContentsAsync((ChatHistory)null!)
        );
        Assert.Throws<ArgumentNullException>(
            "chatHistory",
            () => service.GetStreamingChatMessageContentsAsync((ChatHistory)null!)
        );
        await Assert.ThrowsAsync<ArgumentException>("messages", () => service.GetChatMessageContentsAsync([]));
    }

    private static void Describe(QwenOptions options)
    {
        options.ModelId = "m";
        options.ApiKey = "sk-key";
        options.Endpoint = Endpoint;
    }
}
