namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>Where the sources are: above the built tests.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        // The folder of this source file, as the compiler saw it, serves builds whose output lies elsewhere.
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(ThisFile())! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Qwen.Connectors.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("The repository was not found above the tests.");
    }

    private static string ThisFile([System.Runtime.CompilerServices.CallerFilePath] string path = "")
    {
        return path;
    }
}
