using System.Diagnostics;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Files;

/// <summary>A22: a renewed login that cannot be saved.</summary>
public sealed class SavingTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A22_StoreIsKnownToBeFull_NothingIsRiskedAhead(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromMinutes(3));
        file.Write(issued);
        var store = new TroubledStore(file.FilePath) { IsFull = true, IsKnown = true };
        var client = setup.Pipeline(credentials: setup.Login(store, time));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        await setup.Logs.WaitForAsync(105);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        }

        Assert.Empty(setup.Qwen.Journal.TokenRequests);
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(issued.AccessToken, chat.Token));
        Assert.Contains(setup.Logs.Entries, static e => e.Id == 104 && e.Text.Contains("No space left"));
        Assert.Equal(1, setup.Logs.Count(105));

        // There is room again: after the pause it is renewed ahead and saved.
        store.IsFull = false;
        time.Advance(TimeSpan.FromSeconds(30));
        await Ask.Async(client, streaming);
        await setup.Logs.WaitForAsync(103);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.NotEqual(issued.AccessToken, file.AccessToken);
    }

    [Theory, InlineData(true, true), InlineData(false, true), InlineData(true, false), InlineData(false, false)]
    public async Task A22_RotatedButNotSaved_TheTokenIsUsedAndSavedAtTheNextChance(bool streaming, bool isKnown)
    {
        using var metrics = new RecordingMetrics();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.DetectRefreshTokenReuse = true;
        });
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var before = file.Bytes;
        var store = new TroubledStore(file.FilePath) { IsFull = true, IsKnown = isKnown };
        var client = setup.Pipeline(credentials: setup.Login(store, time));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Single(setup.Logs.Entries, static entry => entry is { Id: 110, Level: LogLevel.Error });
        Assert.True(metrics.Sum("qwen.client.token.save_failures") >= 1);
        Assert.Equal(before, file.Bytes);
        var used = Assert.Single(setup.Qwen.Journal.Chats).Token;

        // Half a minute later there is room.
        store.IsFull = false;
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        await setup.Logs.WaitForAsync(114);
        // Nobody would wait for it by a clock that stands.
        await file.UnlockedAsync();

        Assert.Equal(used, file.AccessToken);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        // What is in the file now is alive: the next process can go on with it.
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Setup.Text, (await Ask.Async(setup.FilePipeline(file.FilePath, time), streaming)).Text);
        Assert.Equal(0, setup.Qwen.Tokens.RefreshTokenReuses);
    }

    [Fact]
    public async Task A22_StoreStaysFull_TheNextRenewalUsesTheTokenInMemory()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.DetectRefreshTokenReuse = true;
        });
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var store = new TroubledStore(file.FilePath) { IsFull = true };
        var client = setup.Pipeline(credentials: setup.Login(store, time));

        for (var hour = 1; hour <= 3; hour++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: true)).Text);
            Assert.Equal(hour, setup.Qwen.Tokens.Refreshes);
            time.Advance(TimeSpan.FromHours(1));
        }

        store.IsFull = false;
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: true)).Text);
        Assert.Equal(0, setup.Qwen.Tokens.RefreshTokenReuses);
        Assert.Equal(setup.Qwen.Journal.Chats[^1].Token, file.AccessToken);
        Assert.Equal((3, 1), (setup.Logs.Count(110), setup.Logs.Count(114)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A22_FileIsDeletedDuringTheRenewal_NeverRecreated(bool streaming)
    {
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        setup.Qwen.TokenScript.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        // Its clock stands, so that the lock is held as long as the test likes.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var client = setup.Pipeline(credentials: setup.Login(new FileCredentialStore(file.FilePath), time));

        var call = Ask.Async(client, streaming);
        var renewal = await setup.TokenRequestAsync();
        File.Delete(file.FilePath);
        await gate.OpenAsync(renewal);

        Assert.Equal(Setup.Text, (await call).Text);
        Assert.Equal((1, 0), (setup.Logs.Count(113), setup.Logs.Count(110)));
        time.Advance(TimeSpan.FromMinutes(5));
        await Ask.Async(client, streaming);
        Assert.Empty(Directory.GetFileSystemEntries(file.Folder));

        // At the end of the token in memory the login has ended.
        time.Advance(TimeSpan.FromMinutes(55));
        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));
        Assert.Contains("Log in first", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Empty(Directory.GetFileSystemEntries(file.Folder));
    }

    [Fact]
    public async Task A22_FileIsDeletedWhileItsLoginWaitsToBeSaved_NeverRecreated()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var store = new TroubledStore(file.FilePath) { IsFull = true };
        var login = setup.Login(store, time);
        var client = setup.Pipeline(credentials: login);
        await Ask.Async(client, streaming: true);

        File.Delete(file.FilePath);
        store.IsFull = false;
        time.Advance(TimeSpan.FromSeconds(31));
        await Ask.Async(client, streaming: true);
        await setup.Logs.WaitForAsync(113);
        await login.DisposeAsync();

        Assert.Empty(Directory.GetFileSystemEntries(file.Folder));
    }

    [Fact]
    public async Task A22_StoreHangsWhenTheRenewedTokenIsSaved_TheTokenIsUsed()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var store = new TroubledStore(file.FilePath) { Hangs = true };
        var client = setup.Pipeline(credentials: setup.Login(store, time));

        var call = Ask.Async(client, streaming: true);
        // Time goes only while the store hangs: the renewal before it has the same limit.
        await Task.WhenAny(store.Writing, call);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        }

        Assert.Equal(Setup.Text, (await call).Text);
        Assert.True(setup.Logs.Has(110), "An operator must learn that the login is only in memory.");
        store.Hangs = false;
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A22_DirectoryIsReadOnly_TheTokenIsUsedAndSavedAtTheNextChance(bool streaming)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions.");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "A privileged user may write everywhere.");
        using var file = new LoginFile();
        await OnRealDiskAsync(
            streaming,
            file,
            () => LoginFile.SetMode(file.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute),
            () =>
                LoginFile.SetMode(
                    file.Folder,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                )
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A22_DiskIsFull_TheTokenIsUsedAndSavedAtTheNextChance(bool streaming)
    {
        using var file = new LoginFile();
        var disk = Directory.CreateTempSubdirectory("qwen-disk-").FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk), "No disk can be mounted here.");
        try
        {
            using var onDisk = new LoginFile(disk);
            var ballast = Path.Combine(disk, "ballast");
            await OnRealDiskAsync(
                streaming,
                onDisk,
                () =>
                {
                    using var filling = File.Create(ballast, 1);
                    try
                    {
                        while (true)
                        {
                            filling.Write(new byte[1024]);
                        }
                    }
                    catch (IOException)
                    {
                        // Full.
                    }
                },
                () => File.Delete(ballast)
            );
        }
        finally
        {
            Run("umount", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task OnRealDiskAsync(bool streaming, LoginFile file, Action fill, Action free)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromMinutes(3));
        file.Write(issued);
        var before = file.Bytes;
        fill();
        try
        {
            var client = setup.FilePipeline(file.FilePath, time);

            // Nothing is risked ahead of the end; at the end there is no choice.
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
            await setup.Logs.WaitForAsync(104);
            Assert.Empty(setup.Qwen.Journal.TokenRequests);
            time.Advance(TimeSpan.FromMinutes(3));
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
            Assert.Single(setup.Qwen.Journal.TokenRequests);
            Assert.Single(setup.Logs.Entries, static entry => entry is { Id: 110, Level: LogLevel.Error });
            Assert.Contains(setup.Logs.Entries, e => e.Id == 110 && e.Text.Contains(file.FilePath));
            Assert.Equal(before, file.Bytes);

            free();
            time.Advance(TimeSpan.FromSeconds(31));
            await Ask.Async(client, streaming);
            await setup.Logs.WaitForAsync(114);
            await file.UnlockedAsync();
            Assert.Equal(setup.Qwen.Journal.Chats[^1].Token, file.AccessToken);
            Assert.Equal(file.FilePath, Assert.Single(Directory.GetFileSystemEntries(file.Folder)));
        }
        finally
        {
            free();
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
            )!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
