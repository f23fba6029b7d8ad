using System.Globalization;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>
/// A18 at each system call of a save, one by one: killed there, and refused there. Minutes, and strace is needed: run by
/// <c>.ci/long</c>.
/// </summary>
public sealed class SystemCallTests
{
    // What a save does to files. Console and memory have other calls.
    private static readonly string[] FileCalls =
    [
        "openat",
        "pwrite64",
        "pread64",
        "fsync",
        "rename",
        "unlink",
        "close",
        "fstat",
        "newfstatat",
        "stat",
        "lstat",
        "statx",
        "flock",
        "lseek",
        "ftruncate",
        "fchmod",
        "fadvise64",
        "getdents64",
        "readlink",
        "link",
    ];

    [Fact(Explicit = true)]
    public async Task A18_KilledAtEachSystemCallOfASave_TheFileIsTheOldOrTheNewOne()
    {
        using var save = new TracedSave();
        var calls = await save.CallsAsync();
        var (kills, renewed, left) = (0, 0, 0);
        foreach (var call in calls)
        {
            for (var number = 1; ; number++)
            {
                var isKilled = await save.KillAsync(call, number);
                left += save.Folder.TempFiles.Any() ? 1 : 0;
                renewed += save.Check(isDone: isKilled ? null : true) && isKilled ? 1 : 0;
                if (!isKilled)
                {
                    break;
                }

                kills++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{kills} kills at {calls.Count} kinds of calls ({string.Join(' ', calls)}): "
                + $"{renewed} left the new login, {kills - renewed} the old one, {left} a temp file."
        );
        Assert.Contains("rename", calls);
        Assert.Contains("pwrite64", calls);
    }

    [Theory(Explicit = true), InlineData("ENOSPC"), InlineData("EIO"), InlineData("EACCES")]
    public async Task A22_EachSystemCallOfASaveFails_TheFileIsWholeAndTheErrorClear(string error)
    {
        using var save = new TracedSave();
        var calls = (await save.CallsAsync()).Intersect(FileCalls).ToList();
        await using var worker = save.Worker();
        await worker.ReadyAsync();
        var (refused, saved, failed) = (0, 0, 0);
        foreach (var call in calls)
        {
            for (var number = 1; ; number++)
            {
                var (answer, wasRefused) = await save.RefuseAsync(worker, call, number, error);
                var isSaved = answer.StartsWith("saved ", StringComparison.Ordinal);
                Assert.True(
                    isSaved || answer.StartsWith("failed CredentialStore ", StringComparison.Ordinal),
                    $"{call} number {number} with {error}: {answer}"
                );
                Assert.True(isSaved || answer.Contains(save.Folder.File, StringComparison.Ordinal), answer);
                save.Check(isSaved);
                if (!wasRefused)
                {
                    break;
                }

                refused++;
                saved += isSaved ? 1 : 0;
                failed += isSaved ? 0 : 1;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{refused} calls refused with {error} ({string.Join(' ', calls)}): {failed} clear errors, {saved} saved all the same."
        );
        Assert.NotEqual(0, failed);
    }

    [Theory(Explicit = true)]
    [InlineData("pwrite64", "ENOSPC"), InlineData("pwrite64", "EIO")]
    [InlineData("rename", "EIO"), InlineData("rename", "EACCES")]
    public async Task A22_RenewedButNotSaved_TheTokenIsUsedFromMemory(string call, string error)
    {
        var strace = Platform.Needs("strace");
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1));
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var old = folder.Look();
        await using var worker = Child.Worker(SharedFileTests.Once(folder, qwen));
        await worker.ReadyAsync();
        await using var tracer = Child.Run(
            strace,
            ["-f", "-p", Id(worker), "-e", $"trace={call}", "-e", $"inject={call}:error={error}"]
        );
        await tracer.LineAsync("strace: Process");
        await worker.GoAsync();

        var token = await worker.LineAsync("token ");

        await worker.SucceededAsync();
        Assert.Equal(1, qwen.Tokens.Refreshes);
        Assert.Equal(old, folder.Look());
        Assert.NotEqual("token " + old.AccessToken, token);
        Assert.StartsWith("token access-", token, StringComparison.Ordinal);
        Assert.Empty(folder.TempFiles);
        Assert.False(File.Exists(folder.Lock));
    }

    internal static string Id(Child child)
    {
        return child.Id.ToString(CultureInfo.InvariantCulture);
    }
}
