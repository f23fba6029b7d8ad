using Microsoft.Win32.SafeHandles;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>What a test needs of the machine; where it is missing, the test is skipped for all to see.</summary>
internal static class Platform
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>File modes, SIGKILL.</summary>
    public static void NeedsUnix()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes and SIGKILL are tried on Unix.");
    }

    /// <summary>A program on the path; says its name.</summary>
    public static string Needs(string program)
    {
        NeedsUnix();
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var isThere = folders.Any(folder => File.Exists(Path.Combine(folder, program)));
        Assert.SkipUnless(isThere, $"{program} is not installed.");
        return program;
    }

    public static FileStream CreateForOwner(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    public static void AssertOwnerOnly(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        AssertOwnerOnly(file);
    }

    public static void AssertOwnerOnly(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        }
    }
}
