namespace Connectors.Qwen.Credentials;

/// <summary>How credential files, and the files beside them, are opened.</summary>
internal static class CredentialFiles
{
    private const int EExist = 17;
    private const int WindowsFileExists = unchecked((int)0x80070050);

    /// <summary>A new file that nobody else may read, from its first byte on; fails when there is one.</summary>
    public static FileStreamOptions Exclusive()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>A file to read while others may replace it.</summary>
    public static FileStreamOptions Shared()
    {
        return new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
    }

    /// <summary>Whether there is nothing in it, asked without opening it: a pipe is empty too, and whoever opens one waits for a writer.</summary>
    public static bool IsEmpty(FileInfo file)
    {
        var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return target is { Exists: true, Length: 0 };
    }

    public static bool IsAlreadyThere(IOException exception)
    {
        return exception.HResult is EExist or WindowsFileExists;
    }

    /// <summary>Makes the directory of a new file, for its owner only.</summary>
    public static void CreateDirectoryOf(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(
                directory,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
    }
}
