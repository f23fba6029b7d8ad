using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Connectors.Qwen.IntegrationTests.Processes;

namespace Connectors.Qwen.IntegrationTests.Gateways;

/// <summary>A real nginx in front of a server: its own port of loopback, its own folder, gone with the test. Needs no root.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const string Chat = "/compatible-mode/v1";

    // Far beyond what it needs: only a test that has failed waits that long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] SystemFolders = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];

    private readonly string _program;
    private readonly DirectoryInfo _folder;
    private readonly int _port;
    private Child? _running;

    private Nginx(string program, DirectoryInfo folder, int port)
    {
        _program = program;
        _folder = folder;
        _port = port;
        Endpoint = new Uri($"http://127.0.0.1:{port}{Chat}");
    }

    /// <summary>Where the chat API is, as seen through it.</summary>
    public Uri Endpoint { get; }

    /// <summary>Starts it; the test is skipped for all to see where there is none.</summary>
    /// <param name="upstream">What it stands in front of.</param>
    /// <param name="settings">More directives of the location.</param>
    public static async Task<Nginx> StartAsync(Uri upstream, string settings = "")
    {
        Platform.NeedsUnix();
        var program = Find();
        Assert.SkipWhen(program is null, "nginx is not installed.");
        var nginx = new Nginx(program!, Directory.CreateTempSubdirectory("nginx-"), FreePort());
        try
        {
            await File.WriteAllTextAsync(nginx.PathOf("nginx.conf"), nginx.Configuration(upstream, settings));
            await nginx.StartAsync();
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    /// <summary>A port on which nobody listens.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>New workers take over; the old ones close what is idle and end.</summary>
    public async Task ReloadAsync()
    {
        var old = await WorkersAsync(static found => found.Length > 0);
        await SignalAsync("reload");
        await WorkersAsync(found => found.Length > 0 && !found.Intersect(old).Any());
    }

    /// <summary>It ends, and all its connections with it, and another one takes the port.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>The lines of the access log, once there are so many: status, content encoding, bytes of the body.</summary>
    public async Task<string[]> LogAsync(int count)
    {
        return await UntilAsync(
            () => Task.FromResult(Lines("access.log")),
            lines => lines.Length >= count,
            $"{count} lines of the access log"
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
        {
            await StopAsync();
        }

        _folder.Delete(recursive: true);
    }

    private static string? Find()
    {
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Concat(SystemFolders)
            .Select(static folder => Path.Combine(folder, "nginx"))
            .FirstOrDefault(File.Exists);
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isThere, string what)
    {
        for (var waited = Stopwatch.StartNew(); ; )
        {
            var seen = await look();
            if (isThere(seen))
            {
                return seen;
            }

            Assert.True(waited.Elapsed < Patience, $"nginx has not come to {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }
    }

    private async Task StartAsync()
    {
        _running = Child.Run(_program, "-e", PathOf("error.log"), "-p", _folder.FullName, "-c", PathOf("nginx.conf"));
        await UntilAsync(IsListeningAsync, static listens => listens, "listen");
    }

    private async Task StopAsync()
    {
        // The master would leave its workers behind if it were killed.
        await SignalAsync("stop");
        await _running!.EndedAsync();
        await _running.DisposeAsync();
        _running = null;
    }

    private async Task SignalAsync(string signal)
    {
        await using var sender = Child.Run(
            _program,
            "-e",
            PathOf("error.log"),
            "-p",
            _folder.FullName,
            "-c",
            PathOf("nginx.conf"),
            "-s",
            signal
        );
        await sender.SucceededAsync();
    }

    private async Task<bool> IsListeningAsync()
    {
        Assert.False(
            _running!.HasEnded,
            $"nginx did not start: {_running.Said}{string.Join('\n', Lines("error.log"))}"
        );
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return File.Exists(PathOf("nginx.pid"));
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<int[]> WorkersAsync(Func<int[], bool> areThere)
    {
        return UntilAsync(
            async () =>
            {
                // Linux only, which is where this nginx is tried; elsewhere the list stays empty and the test says so.
                var file = $"/proc/{_running!.Id}/task/{_running.Id}/children";
                var found = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
                return found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray();
            },
            areThere,
            "its new workers"
        );
    }

    private string[] Lines(string file)
    {
        return File.Exists(PathOf(file)) ? File.ReadAllLines(PathOf(file)) : [];
    }

    private string PathOf(string file)
    {
        return Path.Combine(_folder.FullName, file);
    }

    private string Configuration(Uri upstream, string settings)
    {
        // Root would hand its folder to a user who may not enter it; others may not name a user.
        var user = Environment.UserName == "root" ? "user root;" : "";
        var folders = string.Concat(
            new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(name =>
                $"{name}_temp_path {PathOf(name)};\n"
            )
        );
        return $$"""
            daemon off;
            worker_processes 1;
            {{user}}
            pid {{PathOf("nginx.pid")}};
            error_log {{PathOf("error.log")}} info;
            events { worker_connections 64; }
            http {
              log_format short '$status "$sent_http_content_encoding" $body_bytes_sent';
              access_log {{PathOf("access.log")}} short;
              {{folders}}
              server {
                listen 127.0.0.1:{{_port}};
                location / {
                  proxy_pass http://{{upstream.Authority}};
                  {{settings}}
                }
              }
            }
            """;
    }
}
