using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Keys;

/// <summary>T53: an API key that is rotated while the program runs.</summary>
public sealed class RotatedKeyTests
{
    private const string Next = "sk-the-next-key-of-the-rotation";

    /// <summary>How a mounted secret is replaced.</summary>
    public enum Mount
    {
        FileIsWritten,
        FileIsRenamed,
        LinkIsSwitched,
    }

    [Theory]
    [InlineData(true, Mount.FileIsWritten), InlineData(false, Mount.FileIsWritten)]
    [InlineData(true, Mount.FileIsRenamed), InlineData(false, Mount.FileIsRenamed)]
    [InlineData(true, Mount.LinkIsSwitched), InlineData(false, Mount.LinkIsSwitched)]
    public async Task T53_MountedSecretIsReplaced_TheNextCallUsesIt(bool streaming, Mount mount)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync();
        using var folder = new LoginFile();
        var path = Put(folder.Folder, mount, 1, QwenSimulatorOptions.DefaultApiKey + "\n");
        var client = setup.Pipeline(credentials: ApiKeyCredentialProvider.FromFile(path, setup.Logs, time));
        await Ask.Async(client, streaming);

        Put(folder.Folder, mount, 2, $"\uFEFF{Next}\r\n");
        setup.Qwen.Tokens.AcceptApiKey(Next);
        setup.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal([200, 200], setup.ChatStatuses());
        Assert.Equal(Next, setup.Qwen.Journal.Chats[^1].Token);
        Assert.Equal(1, setup.Logs.Count(124));
    }

    [Theory]
    [InlineData(true, Mount.FileIsWritten), InlineData(false, Mount.FileIsWritten)]
    [InlineData(true, Mount.LinkIsSwitched), InlineData(false, Mount.LinkIsSwitched)]
    public async Task T53_RejectedRightAfterTheSwitch_ReadOnceMoreAndSentAgain(bool streaming, Mount mount)
    {
        // Its clock stands: the file was looked at this moment.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync();
        using var folder = new LoginFile();
        var path = Put(folder.Folder, mount, 1, QwenSimulatorOptions.DefaultApiKey);
        var client = setup.Pipeline(credentials: ApiKeyCredentialProvider.FromFile(path, setup.Logs, time));
        await Ask.Async(client, streaming);

        Put(folder.Folder, mount, 2, Next);
        setup.Qwen.Tokens.AcceptApiKey(Next);
        setup.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);
        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([200, 401, 200], setup.ChatStatuses());
        Assert.Equal("token-refresh", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T53_RejectedAndNotRotated_OneRequestAndAClearError(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        using var folder = new LoginFile();
        var path = Put(folder.Folder, Mount.FileIsWritten, 1, QwenSimulatorOptions.DefaultApiKey);
        var client = setup.Pipeline(credentials: ApiKeyCredentialProvider.FromFile(path, setup.Logs));
        setup.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));

        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.Equal(1, setup.Logs.Count(109));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T53_SecretIsGoneOrUnusableForAMoment_TheKnownKeyServes(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync();
        using var folder = new LoginFile();
        var path = Put(folder.Folder, Mount.FileIsWritten, 1, QwenSimulatorOptions.DefaultApiKey);
        var client = setup.Pipeline(credentials: ApiKeyCredentialProvider.FromFile(path, setup.Logs, time));
        await Ask.Async(client, streaming);

        foreach (var content in new[] { null, "", " \n", "sk-a key with spaces" })
        {
            File.Delete(path);
            if (content is not null)
            {
                Put(folder.Folder, Mount.FileIsWritten, 1, content);
            }

            time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        }

        Assert.All(setup.Qwen.Journal.Chats, static chat => Assert.Equal(200, chat.Status));
        Assert.Single(setup.Logs.Entries, static entry => entry is { Id: 125, Level: LogLevel.Warning });
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T53_OptionsAreReloaded_TheNextCallUsesTheKey(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var (configuration, provider) = Host(setup);
        await using var _ = provider;
        var client = provider.GetRequiredService<IChatClient>();
        await Ask.Async(client, streaming);

        configuration["Qwen:ApiKey"] = Next;
        setup.Qwen.Tokens.AcceptApiKey(Next);
        setup.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);
        configuration.Reload();
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal([200, 200], setup.ChatStatuses());
        Assert.Equal(Next, setup.Qwen.Journal.Chats[^1].Token);
        Assert.Equal(1, setup.Logs.Count(124));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T53_OptionsAreReloadedWhileARequestIsOnItsWay_SentAgainWithTheKey(bool streaming)
    {
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        setup.Qwen.Script.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        var (configuration, provider) = Host(setup);
        await using var _ = provider;

        var call = Ask.Async(provider.GetRequiredService<IChatClient>(), streaming);
        var sent = await setup.Qwen.Journal.WaitForAsync(static _ => true, TestContext.Current.CancellationToken);
        configuration["Qwen:ApiKey"] = Next;
        configuration.Reload();
        setup.Qwen.Tokens.AcceptApiKey(Next);
        setup.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);
        await gate.OpenAsync(sent);

        Assert.Equal(Setup.Text, (await call).Text);
        Assert.Equal([401, 200], setup.ChatStatuses());
        Assert.Equal(
            [QwenSimulatorOptions.DefaultApiKey, Next],
            setup.Qwen.Journal.Chats.Select(static chat => chat.Token!)
        );
    }

    private static (IConfigurationRoot Configuration, ServiceProvider Provider) Host(Setup setup)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Qwen:ModelId"] = "qwen3-max",
                    ["Qwen:ApiKey"] = QwenSimulatorOptions.DefaultApiKey,
                    ["Qwen:Endpoint"] = setup.Qwen.Endpoint.AbsoluteUri,
                }
            )
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(setup.Logs);
        services.AddQwenChatClient(configuration.GetSection("Qwen"));
        return (configuration, services.BuildServiceProvider());
    }

    private static string Put(string folder, Mount mount, int version, string key)
    {
        var path = Path.Combine(folder, "api-key");
        switch (mount)
        {
            case Mount.FileIsWritten:
                File.WriteAllText(path, key);
                break;
            case Mount.FileIsRenamed:
                File.WriteAllText(path + ".new", key);
                File.Move(path + ".new", path, overwrite: true);
                break;
            default:
                // As Kubernetes does: the file is a link through "..data", and that link is switched.
                var data = Directory.CreateDirectory(Path.Combine(folder, $"..{version}"));
                var file = Path.Combine(data.FullName, "api-key");
                File.WriteAllText(file, key);
                // The new one may well be the older file.
                File.SetLastWriteTimeUtc(file, new DateTime(2026 - version, 1, 1, 0, 0, 0, DateTimeKind.Utc));
                var link = Path.Combine(folder, "..data");
                if (version == 1)
                {
                    File.CreateSymbolicLink(path, Path.Combine("..data", "api-key"));
                }
                else
                {
                    Directory.Delete(link);
                }

                Directory.CreateSymbolicLink(link, data.Name);

                break;
        }

        return path;
    }
}
