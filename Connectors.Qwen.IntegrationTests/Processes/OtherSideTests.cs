using System.Diagnostics;
using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>A process that follows qwen-code's file and lock protocol, in its own language, shares the file with us.</summary>
public sealed class OtherSideTests
{
    [Fact]
    public async Task A16_QwenCodeRefreshedMeanwhile_AdoptedWithoutARefresh()
    {
        var node = Platform.Needs("node");
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue());
        using var login = new OAuthCredentialProvider(
            new QwenOAuthOptions { TokenEndpoint = qwen.TokenEndpoint, CredentialsPath = folder.File }
        );
        var before = await login.GetCredentialAsync(TestContext.Current.CancellationToken);
        // For the other side it is about to end.
        string[] order = [.. OtherSide("refresh-once", folder, qwen.TokenEndpoint), "--buffer-ms", "7200000"];
        await using var other = Child.Run(node, order);
        await other.ReadyAsync();
        await other.GoAsync();
        var theirs = await other.LineAsync("token ");
        await other.SucceededAsync();

        var adopted = await login.RenewCredentialAsync(before, TestContext.Current.CancellationToken);

        Assert.Equal(theirs, "token " + adopted?.AccessToken);
        Assert.Equal(1, qwen.Tokens.Refreshes);
        // It wrote no times of ours: its life is counted from the writing of the file.
        Assert.InRange(
            (adopted!.ExpiresAt - adopted.ObtainedAt)!.Value,
            TimeSpan.FromMinutes(59),
            TimeSpan.FromMinutes(61)
        );
    }

    [Fact]
    public async Task A16_WeRefreshed_QwenCodeReadsWhatWeWrote()
    {
        var node = Platform.Needs("node");
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        using var login = new OAuthCredentialProvider(
            new QwenOAuthOptions { TokenEndpoint = qwen.TokenEndpoint, CredentialsPath = folder.File }
        );
        var ours = await login.GetCredentialAsync(TestContext.Current.CancellationToken);

        await using var reader = Child.Run(node, OtherSide("read", folder, qwen.TokenEndpoint));
        await reader.ReadyAsync();
        await reader.GoAsync();
        var read = (await reader.LineAsync("login "))["login ".Length..];
        await using var user = Child.Run(node, OtherSide("refresh-once", folder, qwen.TokenEndpoint));
        await user.ReadyAsync();
        await user.GoAsync();

        Assert.Equal("token " + ours.AccessToken, await user.LineAsync("token "));
        using var json = JsonDocument.Parse(read);
        Assert.Equal(ours.AccessToken, json.RootElement.GetProperty("access_token").GetString());
        Assert.Equal(ours.RefreshToken, json.RootElement.GetProperty("refresh_token").GetString());
        Assert.Equal(
            ours.ExpiresAt!.Value.ToUnixTimeMilliseconds(),
            json.RootElement.GetProperty("expiry_date").GetInt64()
        );
        Assert.Equal(1, qwen.Tokens.Refreshes);
    }

    [Fact]
    public async Task A17_TheirLock_WeWait()
    {
        var node = Platform.Needs("node");
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        await using var other = Child.Run(node, OtherSide("hold-lock", folder, qwen.TokenEndpoint));
        await other.ReadyAsync();
        var id = folder.LockId;
        using var login = new OAuthCredentialProvider(
            new QwenOAuthOptions { TokenEndpoint = qwen.TokenEndpoint, CredentialsPath = folder.File }
        );

        var ours = login.GetCredentialAsync(TestContext.Current.CancellationToken).AsTask();
        await HoldsAsync(folder, id, () => Assert.Empty(qwen.Journal.TokenRequests));
        Assert.False(ours.IsCompleted);
        await other.GoAsync();
        await other.SucceededAsync();

        Assert.Equal((await ours).AccessToken, folder.Look().AccessToken);
        Assert.Equal(1, qwen.Tokens.Refreshes);
    }

    [Fact]
    public async Task A17_OurLock_TheyWait()
    {
        var node = Platform.Needs("node");
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        await using var owner = Child.Worker("hold-lock", "--file", folder.File);
        await owner.ReadyAsync();
        var id = folder.LockId;
        await using var other = Child.Run(node, OtherSide("refresh-once", folder, qwen.TokenEndpoint));
        await other.ReadyAsync();
        await other.GoAsync();

        await HoldsAsync(folder, id, () => Assert.Empty(qwen.Journal.TokenRequests));
        await owner.GoAsync();
        await owner.SucceededAsync();

        Assert.Equal(await other.LineAsync("token "), "token " + folder.Look().AccessToken);
        Assert.Equal(1, qwen.Tokens.Refreshes);
    }

    [Fact]
    public async Task A15_BothSidesHammerOneFile_EachTokenIsRefreshedOnce()
    {
        var node = Platform.Needs("node");
        await using var qwen = await SharedFileTests.StartAsync();
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        string[] order =
        [
            .. OtherSide("hammer", folder, qwen.TokenEndpoint),
            "--seconds",
            "5",
            // We renew in the middle of so short a life; they a little before, or a little after.
            "--buffer-ms",
            "1000",
            "--spread-ms",
            "400",
        ];
        Child[] children =
        [
            .. await Child.WorkersAsync(2, SharedFileTests.Hammer(folder, qwen)),
            Child.Run(node, order),
            Child.Run(node, order),
        ];
        await children[2].ReadyAsync();
        await children[3].ReadyAsync();

        var clock = Stopwatch.StartNew();
        var counts = await SharedFileTests.GoAsync(children, folder, "calls=");

        SharedFileTests.AssertEachTokenRefreshedOnce(qwen, folder, clock.Elapsed, earliest: 0.5);
        Assert.All(counts, count => Assert.Contains("failures=0", count, StringComparison.Ordinal));
        var theirs = qwen.Journal.TokenRequests.Count(static request =>
            request.Headers["User-Agent"].Contains("node", StringComparison.Ordinal)
        );
        TestContext.Current.TestOutputHelper?.WriteLine($"{qwen.Tokens.Refreshes} refreshes, {theirs} of them theirs");
    }

    private static string[] OtherSide(string command, CredentialFolder folder, Uri endpoint)
    {
        const string Script = "Connectors.Qwen.IntegrationTests/Interop/other-side.mjs";
        var script = Path.Combine(Repository.FolderThatHolds(Script)!, Script);
        return [script, command, "--file", folder.File, "--token-endpoint", endpoint.AbsoluteUri];
    }

    // For a second, and some looks.
    private static async Task HoldsAsync(CredentialFolder folder, string id, Action alsoTrue)
    {
        for (var looks = 0; looks < 50; looks++)
        {
            Assert.Equal(id, folder.LockId);
            alsoTrue();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }
}
