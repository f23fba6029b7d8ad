namespace Connectors.Qwen.Credentials;

/// <summary>Where the command line client of the vendor keeps its login: the path rules of qwen-code.</summary>
internal static class CredentialFilePath
{
    private const string FileName = "oauth_creds.json";

    /// <summary>The directory of the environment variable <c>QWEN_HOME</c>, else <c>.qwen</c> in the home, else in the temp directory.</summary>
    public static string Default()
    {
        return Path.Combine(Expand(Environment.GetEnvironmentVariable("QWEN_HOME")) ?? OfHome(), FileName);
    }

    /// <summary>A full path from one that may begin with <c>~</c>; null for an empty one.</summary>
    public static string? Expand(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return null;
        }

        if (
            path == "~"
            || path.StartsWith("~/", StringComparison.Ordinal)
            || path.StartsWith("~\\", StringComparison.Ordinal)
        )
        {
            path = Path.Combine(Home(), path[1..].TrimStart('/', '\\'));
        }

        return Path.GetFullPath(path);
    }

    /// <summary>The lock that belongs to a credential file: qwen-code's <c>oauth_creds.lock</c> for <c>oauth_creds.json</c>.</summary>
    /// <exception cref="ArgumentException">The file would be its own lock, and broken as one.</exception>
    public static string LockOf(string path)
    {
        var mutex = Path.ChangeExtension(path, ".lock");
        return !mutex.Equals(path, StringComparison.OrdinalIgnoreCase)
            ? mutex
            : throw new ArgumentException(
                "A credential file must not end in .lock: that is the name of its lock.",
                nameof(path)
            );
    }

    private static string OfHome()
    {
        var home = Home();
        return Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".qwen");
    }

    private static string Home()
    {
        return Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    }
}
