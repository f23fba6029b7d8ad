using System.Globalization;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>One save of a renewed login by a worker, on its main thread, with strace in between.</summary>
internal sealed class TracedSave : IDisposable
{
    private readonly string _strace = Platform.Needs("strace");
    private readonly string _log = Path.GetTempFileName();
    private Child? _next;
    private int _number = 1;

    public TracedSave()
    {
        Folder.Put("access-1", "refresh-1", DateTimeOffset.UtcNow.AddHours(1));
    }

    public CredentialFolder Folder { get; } = new();

    public Child Worker()
    {
        return Child.Worker("save-steps", "--file", Folder.File);
    }

    /// <summary>The names of the system calls of a save, in the order of their first use.</summary>
    public async Task<List<string>> CallsAsync()
    {
        await using var worker = Worker();
        await worker.ReadyAsync();
        var (answer, _) = await TraceAsync(worker, "all");
        Assert.StartsWith("saved ", answer, StringComparison.Ordinal);
        Check(isDone: true);
        return
        [
            .. File.ReadLines(_log)
                .Select(static line => line.Split('(')[0])
                .Where(static name =>
                    name.Length > 0 && name.All(static c => char.IsAsciiLetterLower(c) || char.IsDigit(c) || c == '_')
                )
                .Distinct(),
        ];
    }

    /// <summary>Kills a worker of its own as it enters a call for the n-th time; false when the save was over before that.</summary>
    public async Task<bool> KillAsync(string call, int number)
    {
        await using var worker = _next ?? Worker();
        // Starts meanwhile: most of the time goes into starts.
        _next = Worker();
        await worker.ReadyAsync();
        await using var tracer = Child.Run(
            _strace,
            ["-p", SystemCallTests.Id(worker), "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={number}"]
        );
        await tracer.LineAsync("strace: Process");
        await worker.GoAsync();
        try
        {
            await worker.LineAsync("saved ");
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    /// <summary>Lets the n-th call of a name fail; says what the worker answered, and whether there was such a call.</summary>
    public async Task<(string Answer, bool WasRefused)> RefuseAsync(Child worker, string call, int number, string error)
    {
        var (answer, log) = await TraceAsync(worker, call, "-e", $"inject={call}:error={error}:when={number}");
        return (answer, log.Contains("(INJECTED)", StringComparison.Ordinal));
    }

    /// <summary>The file is whole and holds the old or the new login, and so are the modes; then all that a dead process leaves is removed.</summary>
    /// <param name="isDone">Which of both it has to be; null for either.</param>
    /// <returns>Whether it is the new one.</returns>
    public bool Check(bool? isDone)
    {
        var look = Folder.Look();
        var found = int.Parse(look.AccessToken.Split('-')[1], CultureInfo.InvariantCulture);
        Assert.Equal($"refresh-{found}", look.RefreshToken);
        Assert.InRange(found, _number, _number + 1);
        var isNew = found > _number;
        Assert.True(isDone is null || isDone == isNew, $"Saved: {isDone}; the file is the new one: {isNew}.");
        _number = found;
        foreach (var file in Folder.TempFiles.Concat(Folder.LocksAside).ToArray())
        {
            Platform.AssertOwnerOnly(file);
            File.Delete(file);
        }

        File.Delete(Folder.Lock);
        return isNew;
    }

    public void Dispose()
    {
        if (_next is { } next)
        {
            next.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        File.Delete(_log);
        Folder.Dispose();
    }

    private async Task<(string Answer, string Log)> TraceAsync(Child worker, string call, params string[] more)
    {
        await using var tracer = Child.Run(
            _strace,
            ["-o", _log, "-p", SystemCallTests.Id(worker), "-e", $"trace={call}", .. more]
        );
        await tracer.LineAsync("strace: Process");
        await worker.GoAsync();
        var answer = await worker.LineAsync();
        // It lets the worker go and writes what it holds.
        await using var end = Child.Run("kill", "-TERM", SystemCallTests.Id(tracer));
        await end.SucceededAsync();
        await tracer.EndedAsync();
        return (answer, await File.ReadAllTextAsync(_log, TestContext.Current.CancellationToken));
    }
}
