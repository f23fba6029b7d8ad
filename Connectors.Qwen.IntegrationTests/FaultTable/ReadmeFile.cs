using Connectors.Qwen.IntegrationTests.Testing;

namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>The README, parts of which tests write and compare.</summary>
internal static class ReadmeFile
{
    // Several tests write into the one file.
    private static readonly Lock Gate = new();

    /// <summary>What differs between <paramref name="section"/> and the README's; null when nothing does. With UPDATE_DOCS=1 it is written.</summary>
    public static string? Compare(string section)
    {
        var file = Path.Combine(Repository.FolderThatHolds("Qwen.Connectors.sln")!, "README.md");
        lock (Gate)
        {
            var readme = File.ReadAllText(file);
            if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            {
                File.WriteAllText(file, FaultSection.Put(readme, section));
                return null;
            }

            return FaultSection.Difference(readme, section) is { } difference
                ? $"CONTRIBUTING.md says how to write it anew. {difference}"
                : null;
        }
    }
}
