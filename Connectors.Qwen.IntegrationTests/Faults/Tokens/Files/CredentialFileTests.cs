using System.Diagnostics;
using System.Text.Json.Nodes;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Files;

/// <summary>What is in the credential file, and what becomes of it.</summary>
public sealed class CredentialFileTests
{
    private const string Token = "access-0123456789012345678901234567890123456789";

    public static TheoryData<string, string> NoLogins =>
        new()
        {
            { "", "it is empty" },
            { "   ", "it is not JSON" },
            { "not json", "it is not JSON" },
            { $"{{\"access_token\":\"{Token}\"", "it is not JSON" },
            { $"{{\"access_token\":\"{Token}\"}} {{}}", "it is not JSON" },
            { $"{{\"access_token\":\"{Token}\",\"access_token\":\"{Token}\"}}", "it is not JSON" },
            { "\0\0\0\0", "it is not JSON" },
            { "[]", "it is not a JSON object" },
            { "null", "it is not a JSON object" },
            { "\"text\"", "it is not a JSON object" },
            { "{}", "access_token is missing" },
            { "{\"access_token\":5}", "access_token is missing" },
            { "{\"access_token\":\"\"}", "access_token is missing" },
            { $"{{\"access_token\":\"{Token} {Token}\"}}", "access_token holds a space" },
            { $"{{\"access_token\":\"{Token}\",\"refresh_token\":5}}", "refresh_token is not a text" },
            { $"{{\"access_token\":\"{Token}\",\"resource_url\":[]}}", "resource_url is not a text" },
            { $"{{\"access_token\":\"{Token}\",\"resource_url\":\"http://[\"}}", "resource_url is not an address" },
            { $"{{\"access_token\":\"{Token}\",\"expiry_date\":\"soon\"}}", "expiry_date is not a number" },
            { $"{{\"access_token\":\"{Token}\",\"expiry_date\":1e300}}", "expiry_date is not a number" },
            { $"{{\"access_token\":\"{Token}\",\"x\":\"{new string('x', 70_000)}\"}}", "it is too large" },
        };

    [Theory, InlineData(true), InlineData(false)]
    public async Task A16_AnotherProcessHasRefreshed_AdoptedWithoutARefresh(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        var (first, second) = (setup.Qwen.Tokens.Issue(), setup.Qwen.Tokens.Issue());
        file.Write(first);
        var client = setup.FilePipeline(file.FilePath, time);
        await Ask.Async(client, streaming);

        // The server has withdrawn the first; qwen-code knows the second.
        setup.Qwen.Tokens.Expire(first.AccessToken);
        file.Write(second);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal([200, 401, 200], setup.ChatStatuses());
        Assert.Equal(second.AccessToken, setup.Qwen.Journal.Chats[^1].Token);

        // The second is about to end by the clock; qwen-code knows a third.
        time.Advance(TimeSpan.FromMinutes(59.6));
        var third = setup.Qwen.Tokens.Issue();
        file.Write(third);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal([200, 401, 200, 200], setup.ChatStatuses());
        Assert.Equal(third.AccessToken, setup.Qwen.Journal.Chats[^1].Token);
        Assert.Empty(setup.Qwen.Journal.TokenRequests);
        Assert.Equal((2, 0), (setup.Logs.Count(111), setup.Logs.Count(103)));
        Assert.Equal(third.AccessToken, file.AccessToken);
    }

    [Theory, MemberData(nameof(NoLogins))]
    public async Task A19_FileHoldsNoLogin_ClearErrorAndTheFileIsLeft(string content, string flaw)
    {
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        file.WriteText(content);
        var before = file.Bytes;
        var client = setup.FilePipeline(file.FilePath);

        foreach (var streaming in new[] { true, false })
        {
            var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

            Assert.Equal(QwenFailureKind.CredentialStore, failure.Kind);
            Assert.Contains(file.FilePath, failure.Message, StringComparison.Ordinal);
            Assert.Contains(flaw, failure.Message, StringComparison.Ordinal);
            Assert.Contains("left as it is; log in again", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Token[..12], failure.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(before, file.Bytes);
        Assert.Equal(file.FilePath, Assert.Single(Directory.GetFileSystemEntries(file.Folder)));
        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A19_FileIsADirectoryOrMissing_ClearError(bool isThere)
    {
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        if (isThere)
        {
            Directory.CreateDirectory(file.FilePath);
        }

        var failure = await Assert.ThrowsAnyAsync<QwenException>(() =>
            Ask.Async(setup.FilePipeline(file.FilePath), streaming: true)
        );

        Assert.Equal(isThere ? QwenFailureKind.CredentialStore : QwenFailureKind.Authentication, failure.Kind);
        Assert.Contains(
            isThere ? "is a directory. Name a file" : "Log in first",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(isThere, Directory.Exists(file.FilePath));
        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task A19_FileMayNotBeRead_ClearError()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions.");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "A privileged user may read everything.");
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue());
        LoginFile.SetMode(file.FilePath, UnixFileMode.None);

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            Ask.Async(setup.FilePipeline(file.FilePath), streaming: true)
        );

        Assert.Equal(QwenFailureKind.CredentialStore, failure.Kind);
        Assert.Contains(file.FilePath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("Check its owner and permissions", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A19_FileIsAPipe_ClearErrorAndNoThreadIsHeld()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes are no files there.");
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        using (var make = Process.Start("mkfifo", [file.FilePath]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, make.ExitCode);
        }

        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            Ask.Async(setup.FilePipeline(file.FilePath, time), streaming: true)
                .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)
        );

        Assert.Equal(QwenFailureKind.CredentialStore, failure.Kind);
        Assert.Contains(file.FilePath, failure.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A19_SymbolicLink_IsReadAndNotWrittenThrough(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromMinutes(3));
        file.Write(issued);
        var before = file.Bytes;
        var link = Path.Combine(file.Folder, "link.json");
        File.CreateSymbolicLink(link, file.FilePath);
        var client = setup.FilePipeline(link, time);

        // It is read; and in the advisory window nothing is risked that could not be kept.
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        await setup.Logs.WaitForAsync(105);
        Assert.Empty(setup.Qwen.Journal.TokenRequests);
        Assert.Contains(setup.Logs.Entries, static e => e.Id == 104 && e.Text.Contains("is a symbolic link"));

        // At its end there is no choice: it is renewed, used, and not written through the link.
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal(1, setup.Logs.Count(110));
        Assert.Equal(before, file.Bytes);
        Assert.Equal(file.FilePath, new FileInfo(link).LinkTarget);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A20_UnknownFields_AreKeptOnRewrite(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.IncludeResourceUrl = false);
        using var file = new LoginFile();
        const string More = """
            {"account":{"id":12345678901234567890,"names":["Ümläut","名","🚀","<&>"]},"none":null,"yes":true,"list":[1,1.50,{}]}
            """;
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        file.Write(
            issued,
            static json =>
            {
                foreach (var (name, value) in JsonNode.Parse(More)!.AsObject())
                {
                    json.Insert(0, name, value?.DeepClone());
                }
            }
        );
        var before = file.Json;

        Assert.Equal(Setup.Text, (await Ask.Async(setup.FilePipeline(file.FilePath), streaming)).Text);

        var after = file.Json;
        foreach (var (name, value) in before)
        {
            if (name is not ("access_token" or "refresh_token" or "expiry_date"))
            {
                Assert.Equal(value?.ToJsonString(), after[name]?.ToJsonString());
            }
        }

        Assert.Equal(
            before.Select(static field => field.Key).Append("connectors_qwen"),
            after.Select(static field => field.Key)
        );
        Assert.Equal(setup.Qwen.Journal.Chats[0].Token, file.AccessToken);
        Assert.NotEqual(issued.RefreshToken, file.RefreshToken);
        Assert.True(
            (long)after["expiry_date"]! > TimeProvider.System.GetUtcNow().AddMinutes(50).ToUnixTimeMilliseconds()
        );
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.FilePath));
        }

        Assert.Equal(file.FilePath, Assert.Single(Directory.GetFileSystemEntries(file.Folder)));
    }
}
