using Connectors.Qwen.IntegrationTests.Testing;

namespace Connectors.Qwen.IntegrationTests.Recorded;

/// <summary>
/// Recorded traffic of the live service. It is not part of the repository: it lies in a folder <c>shared/recorded</c> beside
/// it where it is present, and tests skip where it is not.
/// </summary>
internal static class Recording
{
    /// <summary>The data of each event of a stream, in order.</summary>
    public static string[] Chunks(string name)
    {
        return File.ReadAllLines(Find($"compatible/{name}.chunks.txt"));
    }

    /// <summary>A non-streaming answer.</summary>
    public static string Answer(string name)
    {
        return File.ReadAllText(Find($"compatible/{name}.json"));
    }

    public static byte[] Bytes(string path)
    {
        return File.ReadAllBytes(Find(path));
    }

    private static string Find(string path)
    {
        path = Path.Combine("shared", "recorded", path);
        var folder = Repository.FolderThatHolds(path);
        Assert.SkipWhen(
            folder is null,
            "The recorded traffic (shared/recorded, beside the repository) is not present."
        );
        return Path.Combine(folder, path);
    }
}
