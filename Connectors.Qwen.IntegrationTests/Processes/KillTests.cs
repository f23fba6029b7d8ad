using System.Globalization;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>A18: processes that are killed while they save. <c>.ci/long</c> does it for longer, and at every system call.</summary>
public sealed class KillTests
{
    [Fact]
    public Task A18_KilledTwentyTimesAtRandom_TheFileIsTheOldOrTheNewOne()
    {
        return KillAsync(20);
    }

    [Fact(Explicit = true)]
    public Task A18_KilledManyTimesAtRandom_TheFileIsTheOldOrTheNewOne()
    {
        return KillAsync(250);
    }

    [Fact]
    public async Task A18_WhenTheTokenIsAskedFor_TheTempFileIsThereAndAKillKeepsTheOldLogin()
    {
        Platform.NeedsUnix();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1), time);
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var old = folder.Look();
        qwen.TokenScript.Enqueue(QwenBehavior.Answer().After(TimeSpan.FromHours(1)));
        var order = SharedFileTests.Once(folder, qwen);
        await using var worker = Child.Worker(order);
        await worker.ReadyAsync();
        await worker.GoAsync();

        await qwen.Journal.WaitForAsync(static _ => true, TestContext.Current.CancellationToken);
        var temp = Assert.Single(folder.TempFiles);
        Platform.AssertOwnerOnly(temp);
        Platform.AssertOwnerOnly(folder.Lock);
        await worker.KillAsync();
        Assert.Equal(old, folder.Look());

        // The server never came to use up the refresh token: the next process gets in as soon as the lock is old enough.
        folder.AgeLock(TimeSpan.FromSeconds(40));
        await using var next = Child.Worker(order);
        await next.ReadyAsync();
        await next.GoAsync();
        var token = await next.LineAsync("token ");
        await next.SucceededAsync();
        Assert.Equal("token " + folder.Look().AccessToken, token);
        Assert.NotEqual(old, folder.Look());
        Assert.Equal(0, qwen.Tokens.RefreshTokenReuses);
    }

    private static async Task KillAsync(int times)
    {
        Platform.NeedsUnix();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        using var folder = new CredentialFolder();
        var login = FromNumber(1);
        folder.Put(login.AccessToken, login.RefreshToken, DateTimeOffset.FromUnixTimeMilliseconds(login.ExpiryDate));
        var number = 1;
        var (saved, unfinished, locked) = (0, 0, 0);
        var next = Child.Worker("save-loop", "--file", folder.File);
        try
        {
            for (var time = 0; time < times; time++)
            {
                await using var worker = next;
                // Starts while this one works: most of the time goes into starts.
                next = Child.Worker("save-loop", "--file", folder.File);
                await worker.ReadyAsync();
                await worker.GoAsync();
                // The first save breaks the lock that the one before left.
                await worker.LineAsync("saved ");
                await Task.Delay(TimeSpan.FromMicroseconds(random.Next(20_000)), TestContext.Current.CancellationToken);
                await worker.KillAsync();

                var last = Number(worker.Said.Trim().Split('\n')[^1]);
                var look = folder.Look();
                var found = Number(look.AccessToken);
                Assert.True(
                    found == last || found == last + 1,
                    $"Seed {seed}, kill {time}: {last} was said to be saved, {found} is there."
                );
                Assert.Equal(FromNumber(found), look);
                saved += found - number;
                number = found;
                unfinished += found == last + 1 || folder.TempFiles.Any() ? 1 : 0;
                foreach (var temp in folder.TempFiles)
                {
                    Platform.AssertOwnerOnly(temp);
                    File.Delete(temp);
                }

                if (File.Exists(folder.Lock))
                {
                    locked++;
                    folder.AgeLock(TimeSpan.FromSeconds(40));
                }
            }
        }
        finally
        {
            await next.DisposeAsync();
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{times} kills, {saved} saves, {locked} killed with the lock held, {unfinished} in the middle of a save"
        );
        // Otherwise the kills hit nothing.
        Assert.NotEqual(0, locked);
    }

    private static int Number(string text)
    {
        return int.Parse(text.Split(' ', '-')[1], CultureInfo.InvariantCulture);
    }

    // What the worker writes as login number n.
    private static (string AccessToken, string RefreshToken, long ExpiryDate) FromNumber(int number)
    {
        var end = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(number);
        return ($"access-{number}", $"refresh-{number}", end.ToUnixTimeMilliseconds());
    }
}
