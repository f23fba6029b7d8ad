using Connectors.Qwen.IntegrationTests.FaultTable;

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>Each row is run, and the README shows the rows. UPDATE_DOCS=1 writes the README's section instead of comparing it.</summary>
public sealed class PeerTableTests
{
    [Fact]
    public void Readme_ShowsTheRowsAndTheVersions()
    {
        var section = PeerSection.Render(PeerRows.All, OpenAIPeer.Versions);
        var difference = ReadmeFile.Compare(section);
        Assert.True(difference is null, $"The README's comparison is old. {difference}");
    }

    [Fact]
    public void EveryRow_IsRun()
    {
        var tests = FaultTests
            .In(typeof(PeerTableTests).Assembly)
            .Where(static test => test.Class.EndsWith("PeerTests", StringComparison.Ordinal))
            .ToList();

        Assert.Equal("", string.Join('\n', FaultChecks.Untested(PeerRows.Ids, tests, [])));
    }

    [Fact]
    public void Rows_AreTheNineteenInTheirOrderAndShort()
    {
        Assert.Equal(Enumerable.Range(1, 19).Select(static number => $"M{number}"), PeerRows.Ids);
        Assert.All(
            PeerRows.All,
            static row =>
                Assert.True(
                    row.What.Length <= 90 && row.Peer.Length <= 90 && row.Ours.Length <= 90,
                    $"{row.Id} says more than 90 characters."
                )
        );
    }

    [Fact]
    public async Task PeerThatHasChanged_IsSaidWithTheRowAndTheVersion()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            OpenAIPeer.StillAsync("M9", static () => throw new InvalidDataException("top_k came."))
        );

        Assert.Contains("reasoning_effort: none", failure.Message, StringComparison.Ordinal);
        Assert.Contains(OpenAIPeer.Versions, failure.Message, StringComparison.Ordinal);
        Assert.Contains("top_k came.", failure.Message, StringComparison.Ordinal);
        Assert.Matches(@"OpenAI \d+\.\d+\.\d+ over OpenAI \d+\.\d+", OpenAIPeer.Versions);
    }
}
