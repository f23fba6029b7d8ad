using System.Text;

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>The section of the README that compares.</summary>
internal static class PeerSection
{
    public const string Begin = "<!-- peers:begin -->";
    public const string End = "<!-- peers:end -->";

    public static string Render(IReadOnlyList<PeerRow> rows, string versions)
    {
        var text = new StringBuilder($"{Begin}\n");
        text.Append($"<details>\n<summary>{rows[0].Id} to {rows[^1].Id}, with {versions}</summary>\n\n");
        text.Append(
            "| id | what happens | OpenAI's client at Qwen's endpoint | Connectors.Qwen |\n|---|---|---|---|\n"
        );
        foreach (var row in rows)
        {
            text.Append($"| {row.Id} | {row.What} | {row.Peer} | {row.Ours} |\n");
        }

        return text.Append("\n</details>\n").Append(End).ToString();
    }
}
