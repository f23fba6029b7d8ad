using System.Runtime.CompilerServices;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>Finds files of the repository, and beside it, from where the tests run.</summary>
internal static class Repository
{
    /// <summary>The nearest folder above the tests that holds <paramref name="path"/>; null when none does.</summary>
    public static string? FolderThatHolds(string path)
    {
        // Above the built tests; above the sources for builds whose output lies elsewhere.
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(ThisFile())! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (Path.Exists(Path.Combine(folder.FullName, path)))
                {
                    return folder.FullName;
                }
            }
        }

        return null;
    }

    private static string ThisFile([CallerFilePath] string path = "")
    {
        return path;
    }
}
