namespace Connectors.Qwen.Credentials;

/// <summary>Where an API key stands that may change. Thread-safe.</summary>
internal interface IKeySource
{
    /// <summary>What it is called in an error.</summary>
    string Described { get; }

    /// <summary>The key as it is now; null when there is none.</summary>
    /// <param name="isRejected">Whether the one before was rejected: then what was read a moment ago does not count.</param>
    string? Read(bool isRejected);
}

/// <summary>A key that a function gives.</summary>
internal sealed class FunctionKeySource(Func<string?> read) : IKeySource
{
    public string Described => "the function that reads it";

    public string? Read(bool isRejected)
    {
        return read();
    }
}

/// <summary>A key in a file, which is looked at once a second at most.</summary>
internal sealed class FileKeySource(string path, TimeProvider time) : IKeySource
{
    private const int MaxBytes = 4096;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private volatile Content? _content;

    public string Described => $"the file {path}";

    public string? Read(bool isRejected)
    {
        var content = _content;
        if (content is null || isRejected || time.GetElapsedTime(content.LookedAt) >= LookInterval)
        {
            _content = content = Look(content?.Text);
        }

        return content.Text;
    }

    private Content Look(string? before)
    {
        try
        {
            return new Content(ReadFile(), time.GetTimestamp());
        }
        // In the middle of a rotation: not looked for again at once.
        catch (Exception e) when (before is not null && e is IOException or UnauthorizedAccessException)
        {
            return new Content(before, time.GetTimestamp());
        }
    }

    private string ReadFile()
    {
        if (CredentialFiles.IsEmpty(new FileInfo(path)))
        {
            return "";
        }

        // Not by its time: a mounted secret is switched by a link, and may bring an older file.
        using var file = new FileStream(path, CredentialFiles.Shared());
        var bytes = new byte[MaxBytes];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF');
    }

    private sealed record Content(string Text, long LookedAt)
    {
        public override string ToString()
        {
            return "key file";
        }
    }
}
