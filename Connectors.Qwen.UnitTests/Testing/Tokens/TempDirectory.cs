using System.Diagnostics;

namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>A real directory for one test.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("qwen-test-").FullName;

    public string File(string name)
    {
        return System.IO.Path.Combine(Path, name);
    }

    /// <summary>Makes a named pipe: whoever opens one to read waits until somebody writes. Not on Windows.</summary>
    public void MakePipe(string name)
    {
        using var make = Process.Start("mkfifo", [File(name)]);
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
    }

    /// <summary>The names of what is in it, sorted.</summary>
    public string?[] Names()
    {
        return [.. Directory.EnumerateFileSystemEntries(Path).Select(System.IO.Path.GetFileName).Order()];
    }

    /// <summary>Sets the mode of a file or directory; nothing on Windows.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Its mode; on Windows what is expected.</summary>
    public static UnixFileMode ModeOf(string path, UnixFileMode expected)
    {
        return OperatingSystem.IsWindows() ? expected : System.IO.File.GetUnixFileMode(path);
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }
}
