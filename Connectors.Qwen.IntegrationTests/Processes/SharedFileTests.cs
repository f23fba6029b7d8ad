using System.Diagnostics;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>Several processes share one credential file; the server notices every refresh token that is used twice.</summary>
public sealed class SharedFileTests
{
    private const int Life = 2;
    private const int Seconds = 5;

    [Fact]
    public async Task A15_TwoProcessesOneExpiredToken_OneRefreshAndBothSucceed()
    {
        Platform.NeedsUnix();
        await using var qwen = await StartAsync();
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var workers = await Child.WorkersAsync(2, Once(folder, qwen));

        var tokens = await GoAsync(workers, folder, "token ");

        Assert.Equal(1, qwen.Tokens.Refreshes);
        Assert.Single(qwen.Journal.TokenRequests);
        Assert.Equal("token " + folder.Look().AccessToken, Assert.Single(tokens.Distinct()));
        AssertNothingLeft(folder);
    }

    [Fact]
    public async Task A10_FourProcessesWhoseTokenIsRejectedAtOnce_OneRefreshForAll()
    {
        Platform.NeedsUnix();
        await using var qwen = await StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue());
        var workers = await Child.WorkersAsync(4, [.. Once(folder, qwen), "--reject"]);

        var tokens = await GoAsync(workers, folder, "token ");

        Assert.Equal(1, qwen.Tokens.Refreshes);
        Assert.Equal(0, qwen.Tokens.RefreshTokenReuses);
        Assert.Equal("token " + folder.Look().AccessToken, Assert.Single(tokens.Distinct()));
    }

    [Fact]
    public async Task A15_FourProcessesHammerOneFile_EachTokenIsRefreshedOnce()
    {
        Platform.NeedsUnix();
        await using var qwen = await StartAsync();
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var workers = await Child.WorkersAsync(4, Hammer(folder, qwen));

        var clock = Stopwatch.StartNew();
        var counts = await GoAsync(workers, folder, "calls=");

        AssertEachTokenRefreshedOnce(qwen, folder, clock.Elapsed);
        Assert.All(counts, count => Assert.Contains("failures=0 ended=0", count, StringComparison.Ordinal));
        AssertNothingLeft(folder);
    }

    [Fact]
    public async Task A15_FourProcessesRejectEachTokenOnce_NoRefreshTokenIsUsedTwice()
    {
        Platform.NeedsUnix();
        await using var qwen = await StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue());
        var workers = await Child.WorkersAsync(4, [.. Hammer(folder, qwen, seconds: 2), "--reject"]);

        var counts = await GoAsync(workers, folder, "calls=");

        // Each process renews a login at most once in 30 s, whatever it is told.
        Assert.InRange(qwen.Tokens.Refreshes, 1, 4);
        Assert.Equal(qwen.Tokens.Refreshes, qwen.Journal.TokenRequests.Count);
        Assert.Equal(0, qwen.Tokens.RefreshTokenReuses);
        Assert.All(counts, count => Assert.Contains("failures=0 ended=0", count, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A16_AnotherProcessRefreshedMeanwhile_AdoptedWithoutARefresh()
    {
        Platform.NeedsUnix();
        await using var qwen = await StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue());
        var workers = await Child.WorkersAsync(2, [.. Once(folder, qwen), "--reject"]);

        var first = await GoAsync([workers[0]], folder, "token ");
        var second = await GoAsync([workers[1]], folder, "token ");

        Assert.Equal(first, second);
        Assert.Equal(1, qwen.Tokens.Refreshes);
    }

    /// <summary>
    /// Exactly one refresh per token: every request was granted, no two of them showed the same refresh token, and the one that is in
    /// the file is the last that was issued, unused. None was renewed before it was <paramref name="earliest"/> seconds old.
    /// </summary>
    internal static void AssertEachTokenRefreshedOnce(
        QwenSimulator qwen,
        CredentialFolder folder,
        TimeSpan elapsed,
        double earliest = Life / 2.0
    )
    {
        var used = qwen.Journal.TokenRequests.Select(request => request.Request.Form["refresh_token"]).ToList();
        Assert.Equal(0, qwen.Tokens.RefreshTokenReuses);
        Assert.Equal(qwen.Tokens.Refreshes, used.Count);
        Assert.Equal(used.Count, used.Distinct().Count());
        Assert.DoesNotContain(folder.Look().RefreshToken, used);
        Assert.InRange(used.Count, Seconds / Life, (int)(elapsed.TotalSeconds / earliest) + 2);
    }

    internal static string[] Hammer(CredentialFolder folder, QwenSimulator qwen, int seconds = Seconds)
    {
        return [.. Order("hammer", folder, qwen), "--seconds", $"{seconds}"];
    }

    internal static string[] Once(CredentialFolder folder, QwenSimulator qwen)
    {
        return Order("refresh-once", folder, qwen);
    }

    internal static Task<QwenSimulator> StartAsync(TimeSpan? life = null, TimeProvider? time = null)
    {
        var options = new QwenSimulatorOptions
        {
            TokenLifetime = life ?? TimeSpan.FromSeconds(Life),
            RotateRefreshTokens = true,
            DetectRefreshTokenReuse = true,
            TimeProvider = time ?? TimeProvider.System,
        };
        return QwenSimulator.StartAsync(options, TestContext.Current.CancellationToken);
    }

    /// <summary>Lets them go at once; at every look until their end the file holds a whole login.</summary>
    internal static async Task<List<string>> GoAsync(Child[] children, CredentialFolder folder, string beginning)
    {
        var answers = new List<string>();
        try
        {
            await Task.WhenAll(children.Select(child => child.GoAsync()));
            await folder.LookWhileAsync(FinishAsync());
        }
        finally
        {
            foreach (var child in children)
            {
                await child.DisposeAsync();
            }
        }

        return answers;

        async Task FinishAsync()
        {
            foreach (var child in children)
            {
                answers.Add(await child.LineAsync(beginning));
                await child.SucceededAsync();
            }
        }
    }

    private static string[] Order(string command, CredentialFolder folder, QwenSimulator qwen)
    {
        return [command, "--file", folder.File, "--token-endpoint", qwen.TokenEndpoint.AbsoluteUri];
    }

    private static void AssertNothingLeft(CredentialFolder folder)
    {
        Assert.Empty(folder.TempFiles);
        Assert.Empty(folder.LocksAside);
        Assert.False(File.Exists(folder.Lock));
    }
}
