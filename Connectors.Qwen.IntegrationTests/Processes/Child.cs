using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>A process that a test has started: it speaks by lines, every wait for it is bounded, and it does not outlive the test.</summary>
internal sealed class Child : IAsyncDisposable
{
    // Far beyond what any of them needs: only a test that has failed waits that long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _said = new();

    private Child(string program, string[] arguments, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A wish of the machine to go through a proxy is not for what stays on loopback.
        foreach (var proxy in start.Environment.Keys.Where(IsProxy).ToArray())
        {
            start.Environment.Remove(proxy);
        }

        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Heard(line.Data, isEndOfOutput: line.Data is null);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data, isEndOfOutput: false);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The worker, built beside the tests: bin/Connectors.Qwen.Worker/debug of wherever the artifacts are.</summary>
    public static string WorkerPath
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            return ProgramIn(
                Path.Combine(output.Parent!.Parent!.FullName, "Connectors.Qwen.Worker", output.Name),
                "Connectors.Qwen.Worker"
            );
        }
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Everything it has said so far, for messages.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    public static Child Worker(params string[] arguments)
    {
        return new Child(WorkerPath, arguments);
    }

    /// <summary>Several workers with the same order, all of them ready to go.</summary>
    public static async Task<Child[]> WorkersAsync(int count, params string[] arguments)
    {
        var workers = Enumerable.Range(0, count).Select(_ => Worker(arguments)).ToArray();
        foreach (var worker in workers)
        {
            await worker.ReadyAsync();
        }

        return workers;
    }

    /// <summary>The program of these tests, with variables beside those that this process has.</summary>
    public static Child Tests(Dictionary<string, string> environment, params string[] arguments)
    {
        var name = typeof(Child).Assembly.GetName().Name!;
        return new Child(ProgramIn(AppContext.BaseDirectory, name), arguments, environment);
    }

    public static Child Run(string program, params string[] arguments)
    {
        return new Child(program, arguments);
    }

    public Task<string> ReadyAsync()
    {
        return LineAsync("ready");
    }

    /// <summary>The next line that begins so; what is said before is passed over.</summary>
    public async Task<string> LineAsync(string beginning = "")
    {
        try
        {
            while (true)
            {
                var line = await _lines
                    .Reader.ReadAsync(TestContext.Current.CancellationToken)
                    .AsTask()
                    .WaitAsync(Patience, TestContext.Current.CancellationToken);
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (Exception e) when (e is ChannelClosedException or TimeoutException)
        {
            throw new InvalidOperationException($"A process never said '{beginning}'. It said: {Said}", e);
        }
    }

    public async Task GoAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for its end, which has to be a good one.</summary>
    public async Task SucceededAsync()
    {
        await EndedAsync();
        Assert.True(_process.ExitCode == 0, $"A process ended with {_process.ExitCode}. It said: {Said}");
    }

    public async Task EndedAsync()
    {
        await _process
            .WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string ProgramIn(string folder, string name)
    {
        return Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
    }

    private static bool IsProxy(string name)
    {
        return name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);
    }

    private void Heard(string? line, bool isEndOfOutput)
    {
        if (line is not null)
        {
            lock (_said)
            {
                _said.AppendLine(line);
            }

            _lines.Writer.TryWrite(line);
        }
        else if (isEndOfOutput)
        {
            _lines.Writer.TryComplete();
        }
    }
}
