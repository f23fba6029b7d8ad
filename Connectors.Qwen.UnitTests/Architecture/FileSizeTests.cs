namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>The budgets that keep the library livable: a 300th line or an eleventh file means a concept is hiding.</summary>
public sealed class FileSizeTests
{
    private static readonly string Library = Path.Combine(Repository.Root, "Connectors.Qwen");

    [Fact]
    public void NoFile_HasMoreThan300Lines()
    {
        var large = Files().Where(static file => File.ReadLines(file).Count() > 300).Select(Path.GetFileName);

        Assert.Equal([], large);
    }

    [Fact]
    public void NoFolder_HasMoreThanTenFiles()
    {
        var full = Files()
            .GroupBy(static file => Path.GetDirectoryName(file))
            .Where(static folder => folder.Count() > 10)
            .Select(static folder => $"{Path.GetFileName(folder.Key)}: {folder.Count()}");

        Assert.Equal([], full);
    }

    [Fact]
    public void TheMedianFile_HasAtMost110Lines()
    {
        var lines = Files().Select(static file => File.ReadLines(file).Count()).Order().ToArray();

        Assert.InRange(lines[lines.Length / 2], 1, 110);
    }

    private static IEnumerable<string> Files()
    {
        return Directory
            .EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
            .Where(static file => !Path.GetRelativePath(Library, file).StartsWith("obj", StringComparison.Ordinal));
    }
}
