using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

/// <summary>Which credential a registered client uses, and whose it is.</summary>
public sealed class QwenCredentialRegistrationTests : IDisposable
{
    // Nobody listens there; and nothing is sent.
    private const string TokenEndpoint = "http://127.0.0.1:9/token";

    private readonly ServiceCollection _services = new();
    private readonly TempDirectory _directory = new();

    private string FilePath => _directory.File("oauth_creds.json");

    [Fact]
    public void OAuth_Section_IsBound()
    {
        _services.AddQwenChatClient(
            Root(
                    new()
                    {
                        ["Qwen:ModelId"] = "m",
                        ["Qwen:OAuth:CredentialsPath"] = FilePath,
                        ["Qwen:OAuth:TokenEndpoint"] = "https://token.example/token",
                        ["Qwen:OAuth:DeviceCodeEndpoint"] = "https://token.example/code",
                        ["Qwen:OAuth:ClientId"] = "client",
                        ["Qwen:OAuth:Scope"] = "scope",
                        ["Qwen:OAuth:RefreshBuffer"] = "00:00:10",
                        ["Qwen:OAuth:RefreshAhead"] = "00:02:00",
                        ["Qwen:OAuth:RefreshTimeout"] = "00:00:04",
                    }
                )
                .GetSection("Qwen")
        );
        using var provider = _services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<QwenOptions>>().Value.OAuth;

        Assert.Equal((FilePath, "client", "scope"), (options.CredentialsPath, options.ClientId, options.Scope));
        Assert.Equal("https://token.example/token", options.TokenEndpoint.AbsoluteUri);
        Assert.Equal("https://token.example/code", options.DeviceCodeEndpoint.AbsoluteUri);
        Assert.Equal(
            [10, 120, 4],
            new[] { options.RefreshBuffer, options.RefreshAhead, options.RefreshTimeout }.Select(t => t.TotalSeconds)
        );
    }

    [Fact]
    public async Task OAuth_CredentialsPath_IsTheLoginOfTheFile()
    {
        await File.WriteAllTextAsync(FilePath, """{"access_token":"of-the-file","refresh_token":"r"}""");
        _services.AddSingleton<IQwenCredentialProvider>(new ApiKeyCredentialProvider("registered"));
        _services.AddQwenChatClient(Login().GetSection("Qwen"));
        using var provider = _services.BuildServiceProvider();

        var client = provider.GetRequiredService<IChatClient>();

        QwenPipelineTests.AssertOrder(client);
        Assert.IsType<OAuthCredentialProvider>(client.GetService<IQwenCredentialProvider>());
        Assert.Equal("of-the-file", await Key(client));
    }

    [Fact]
    public void OAuth_KeyAndPath_AreRefusedTogether()
    {
        var root = Login();
        root["Qwen:ApiKey"] = "sk-key";
        _services.AddQwenChatClient(root.GetSection("Qwen"));
        using var provider = _services.BuildServiceProvider();

        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>());

        Assert.StartsWith("Qwen:OAuth:CredentialsPath and ApiKey are both set.", e.Message);
    }

    [Fact]
    public void OAuth_OptionThatCannotBeUsed_IsNamed()
    {
        var root = Login();
        root["Qwen:OAuth:TokenEndpoint"] = "http://token.example/token";
        _services.AddQwenChatClient(root.GetSection("Qwen"));
        using var provider = _services.BuildServiceProvider();

        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>());

        Assert.StartsWith("Qwen:OAuth:TokenEndpoint cannot be used: ", e.Message);
    }

    [Fact]
    public async Task Dispose_LoginOfTheOptions_EndsWithTheClient()
    {
        await File.WriteAllTextAsync(FilePath, """{"access_token":"a","refresh_token":"r"}""");
        _services.AddQwenChatClient(Login().GetSection("Qwen"));
        var provider = _services.BuildServiceProvider();
        var credentials = provider.GetRequiredService<IChatClient>().GetService<IQwenCredentialProvider>()!;
        var rejected = await credentials.GetCredentialAsync();

        await provider.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await credentials.RenewCredentialAsync(rejected));
    }

    [Fact]
    public void Dispose_ProviderOfTheCaller_StaysInUse()
    {
        var own = new ScriptedProvider();
        var client = QwenPipeline.CreateChatClient(new QwenOptions { ModelId = "m" }, own);

        client.Dispose();

        Assert.False(own.IsDisposed);
    }

    [Fact]
    public async Task T53_Reload_ChangedKey_IsUsedFromTheNextRequestOn()
    {
        var root = Root(new() { ["Qwen:ModelId"] = "m", ["Qwen:ApiKey"] = "key-1" });
        _services.AddQwenChatClient(root.GetSection("Qwen"));
        _services.AddQwenChatClient(root.GetSection("Qwen"), "keyed");
        using var provider = _services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();
        var keyed = provider.GetRequiredKeyedService<IChatClient>("keyed");
        Assert.Equal(("key-1", "key-1"), (await Key(client), await Key(keyed)));

        root["Qwen:ApiKey"] = "key-2";
        Assert.Equal("key-1", await Key(client));
        root.Reload();

        Assert.Equal(("key-2", "key-2"), (await Key(client), await Key(keyed)));
        // Taken away for a moment.
        root["Qwen:ApiKey"] = null;
        root.Reload();
        Assert.Equal("key-2", await Key(client));
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    private IConfigurationRoot Login()
    {
        return Root(
            new()
            {
                ["Qwen:ModelId"] = "m",
                ["Qwen:OAuth:CredentialsPath"] = FilePath,
                ["Qwen:OAuth:TokenEndpoint"] = TokenEndpoint,
            }
        );
    }

    private static IConfigurationRoot Root(Dictionary<string, string?> values)
    {
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    private static async Task<string> Key(IChatClient client)
    {
        return (await client.GetService<IQwenCredentialProvider>()!.GetCredentialAsync()).AccessToken;
    }

    private sealed class ScriptedProvider : IQwenCredentialProvider, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
        {
            return new(new QwenCredential("own"));
        }

        public ValueTask<QwenCredential?> RenewCredentialAsync(
            QwenCredential rejected,
            CancellationToken cancellationToken = default
        )
        {
            return default;
        }

        public void Dispose()
        {
            IsDisposed = true;
        }
    }
}
