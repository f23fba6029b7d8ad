using System.Diagnostics;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>A17: locks of processes that are gone, and of processes that only seem to be.</summary>
public sealed class StaleLockTests
{
    [Fact]
    public async Task A17_OwnerWasKilled_BrokenAfter36SecondsAndNotBefore()
    {
        Platform.NeedsUnix();
        using var folder = new CredentialFolder();
        folder.Put("access-1", "refresh-1", DateTimeOffset.UtcNow.AddHours(1));
        await using var owner = Child.Worker("hold-lock", "--file", folder.File);
        await owner.ReadyAsync();
        await owner.KillAsync();
        var dead = folder.LockId;
        var waited = Stopwatch.StartNew();
        folder.AgeLock(TimeSpan.FromSeconds(30));

        var waiter = new FileCredentialStore(folder.File).AcquireAsync(TestContext.Current.CancellationToken).AsTask();
        while (waited.Elapsed < TimeSpan.FromSeconds(5))
        {
            var seen = File.Exists(folder.Lock) ? folder.LockId : null;
            // Unless this machine stood still between the looks.
            Assert.True(seen == dead || waited.Elapsed > TimeSpan.FromSeconds(5.9), "Broken before its time.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }

        await using (await waiter)
        {
            // 6 s are missing; nobody looks more often than every 2.5 s.
            Assert.InRange(waited.Elapsed, TimeSpan.FromSeconds(5.9), TimeSpan.FromSeconds(45));
            Assert.NotEqual(dead, folder.LockId);
        }

        Assert.False(File.Exists(folder.Lock));
        Assert.Empty(folder.LocksAside);
    }

    [Fact]
    public async Task A17_LockOf40Seconds_BrokenAtOnce()
    {
        using var folder = new CredentialFolder();
        folder.PutLock("dead", TimeSpan.FromSeconds(40));
        var waited = Stopwatch.StartNew();

        await using (await AcquireAsync(new FileCredentialStore(folder.File)))
        {
            // A first look at a lock is a try to break it; the pauses between looks begin at 100 ms.
            Assert.InRange(waited.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        }

        Assert.Empty(folder.LocksAside);
    }

    [Fact]
    public Task A17_ManyProcessesBreakStaleLocksAtTheSameTime_NeverTwoOwners()
    {
        Platform.NeedsUnix();
        return RaceAsync(static order => Child.Worker(order));
    }

    [Fact(Explicit = true)]
    public Task A17_BreakersAreHeldUpBetweenTheirLookAndTheirMove_NeverTwoOwners()
    {
        var strace = Platform.Needs("strace");
        string[] slow =
        [
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=rename,unlink",
            "-e",
            "inject=unlink:delay_exit=4000",
            "-e",
            "inject=rename:delay_enter=4000:delay_exit=4000",
            Child.WorkerPath,
        ];
        return RaceAsync(order => Child.Run(strace, [.. slow, .. order]));
    }

    [Fact]
    public async Task A17_StaleLockWasReplacedBeforeItIsBroken_TheLiveOneStays()
    {
        using var folder = new CredentialFolder();
        folder.PutLock("dead", TimeSpan.FromSeconds(40));
        // The clock is asked for the age of the lock: just then another waiter breaks it and makes its own.
        var time = new InterruptedTime { Next = () => folder.PutLock("alive", TimeSpan.Zero) };
        var acquire = new FileCredentialStore(folder.File, null, time)
            .AcquireAsync(TestContext.Current.CancellationToken)
            .AsTask();

        for (var looks = 0; looks < 50; looks++)
        {
            Assert.Equal("alive", folder.LockId);
            Assert.DoesNotContain(folder.LocksAside, file => file.Contains(".stale.", StringComparison.Ordinal));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }

        Assert.False(acquire.IsCompleted);
        File.Delete(folder.Lock);
        await (await acquire).DisposeAsync();
    }

    [Fact]
    public async Task A17_LoginChangedWhileTheServerAnswers_TheFileIsLeftToTheNewLogin()
    {
        Platform.NeedsUnix();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var qwen = await SharedFileTests.StartAsync(TimeSpan.FromHours(1), time);
        using var folder = new CredentialFolder();
        folder.Put(qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        qwen.TokenScript.Enqueue(QwenBehavior.Answer().After(TimeSpan.FromHours(1)));
        await using var worker = Child.Worker(SharedFileTests.Once(folder, qwen));
        await worker.ReadyAsync();
        await worker.GoAsync();
        await qwen.Journal.WaitForAsync(static _ => true, TestContext.Current.CancellationToken);

        var end = DateTimeOffset.UtcNow.AddHours(1);
        folder.Put("of-another-person", "of-another-person", end);
        var token = worker.LineAsync("token ");
        while (!token.IsCompleted)
        {
            // The answer's timer may begin only after the request was seen.
            time.Advance(TimeSpan.FromHours(2));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }

        // Adopted: the file is what counts, not what was made from a login that is gone.
        Assert.Equal("token of-another-person", await token);
        await worker.SucceededAsync();
        Assert.Equal(("of-another-person", "of-another-person", end.ToUnixTimeMilliseconds()), folder.Look());
        Assert.Equal(1, qwen.Tokens.Refreshes);
    }

    private static async Task RaceAsync(Func<string[], Child> start)
    {
        using var folder = new CredentialFolder();
        folder.Put("access-1", "refresh-1", DateTimeOffset.UtcNow.AddHours(1));
        folder.PutLock("dead", TimeSpan.FromSeconds(40));
        string[] order = ["race", "--file", folder.File, "--seconds", "4"];
        var workers = Enumerable.Range(0, 6).Select(_ => start(order)).ToArray();
        var counts = new List<string>();
        try
        {
            await Task.WhenAll(workers.Select(static worker => worker.ReadyAsync()));
            await Task.WhenAll(workers.Select(static worker => worker.GoAsync()));
            foreach (var worker in workers)
            {
                counts.Add(await worker.LineAsync("taken="));
                await worker.EndedAsync();
            }
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(Environment.NewLine, counts));
        Assert.All(counts, static count => Assert.EndsWith(" clashes=0", count, StringComparison.Ordinal));
        Assert.Contains(counts, static count => !count.StartsWith("taken=0", StringComparison.Ordinal));
    }

    private static ValueTask<IQwenCredentialLease> AcquireAsync(FileCredentialStore store)
    {
        return store.AcquireAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The system's clock; something happens when its second time is asked for: after the look, before the break.</summary>
    private sealed class InterruptedTime : TimeProvider
    {
        private int _asked;

        public required Action Next { get; init; }

        public override long GetTimestamp()
        {
            // The wait's beginning, the watch's beginning, the look; then the age.
            if (Interlocked.Increment(ref _asked) == 4)
            {
                Next();
            }

            return base.GetTimestamp();
        }
    }
}
