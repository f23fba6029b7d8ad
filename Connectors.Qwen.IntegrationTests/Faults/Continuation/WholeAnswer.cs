using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Recorded;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>An answer that is to be cut at every character: its reasoning, its text, its tool call.</summary>
internal sealed record WholeAnswer(string Reasoning, string Text, string? CallName = null, string CallArguments = "")
{
    /// <summary>How many characters there are to cut at.</summary>
    public int Length => Reasoning.Length + Text.Length + (CallName is null ? 0 : CallArguments.Length + 1);

    public static WholeAnswer Of(string name)
    {
        const string Poem =
            "Rosen sind rot,\nVeilchen sind blau,\nRosen sind rot,\n\n各种 🚀🧩 emoji, \"quoted\" and \\escaped\\.\n";
        return name switch
        {
            "text" => new("", Poem),
            "blanks first" => new("", "\n \n" + Poem),
            "laughter" => new("", "hahaha, ha ha ha! hahaha"),
            "one pattern" => new("", string.Concat(Enumerable.Repeat("---|", 40))),
            "lines alike" => new(
                "",
                string.Concat(
                    Enumerable.Range(0, 6).Select(static i => $"2026-11-22T10:00:00 INFO Server began; number {i}\n")
                )
            ),
            "the same sentence three times" => new(
                "",
                "The quick brown fox jumps over the lazy dog and then sleeps for a very long time.\n"
                    .Repeated(3)
                    .TrimEnd()
            ),
            "no blanks at all" => new("", "我爱你。".Repeated(12)),
            "reasoning, then text" => new("Let me think: 再想一想 🚀.\n", Poem),
            "text, then a call" => new("", "I will look it up.\n", "find", """{"place": "Köln 🚀", "days": [1, 2]}"""),
            "a call alone" => new("", "", "find", """{"place": "Köln"}"""),
            "everything" => new("Think.", "Well, well, well. ", "find", "{}"),
            _ => Recorded(name["recorded ".Length..]),
        };
    }

    /// <summary>What the simulated model says.</summary>
    public QwenSimulatedAnswer ToAnswer()
    {
        var answer = new QwenSimulatedAnswer { Text = Text, Reasoning = Reasoning.Length > 0 ? Reasoning : null };
        if (CallName is not null)
        {
            answer.ToolCalls.Add(
                new QwenSimulatedToolCall
                {
                    Id = "call_1",
                    Name = CallName,
                    Arguments = CallArguments,
                }
            );
        }

        return answer;
    }

    /// <summary>The events of a stream that is cut after so many characters.</summary>
    public IEnumerable<string> Cut(int at)
    {
        var reasoning = Reasoning[..Math.Min(at, Reasoning.Length)];
        if (reasoning.Length > 0)
        {
            yield return Chunk.Reasoning("x").Replace("\"x\"", Escaped(reasoning), StringComparison.Ordinal);
        }

        var text = Text[..Math.Clamp(at - Reasoning.Length, 0, Text.Length)];
        // In two pieces, so that there is something to put together.
        foreach (var piece in new[] { text[..(text.Length / 2)], text[(text.Length / 2)..] })
        {
            if (piece.Length > 0)
            {
                yield return Chunk.Text("x").Replace("\"x\"", Escaped(piece), StringComparison.Ordinal);
            }
        }

        var call = at - Reasoning.Length - Text.Length;
        if (CallName is not null && call > 0)
        {
            var function = $"{{\"name\":\"{CallName}\",\"arguments\":{Escaped(CallArguments[..(call - 1)])}}}";
            yield return Chunk.Calls(
                $"[{{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{function}}}]"
            );
        }
    }

    private static WholeAnswer Recorded(string name)
    {
        var deltas = Recording
            .Chunks(name)
            .Select(static chunk => JsonNode.Parse(chunk)!["choices"]!.AsArray().FirstOrDefault()?["delta"])
            .ToArray();
        var calls = deltas.SelectMany(static delta => delta?["tool_calls"]?.AsArray() ?? []).ToArray();
        return new WholeAnswer(
            string.Concat(deltas.Select(static delta => (string?)delta?["reasoning_content"])),
            string.Concat(deltas.Select(static delta => (string?)delta?["content"])),
            calls
                .Select(static call => (string?)call?["function"]?["name"])
                .FirstOrDefault(static found => found?.Length > 0),
            string.Concat(calls.Select(static call => (string?)call?["function"]?["arguments"]))
        );
    }

    // As JSON in ASCII: half a character can be written so, and so do some servers.
    private static string Escaped(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var c in text)
        {
            json.Append(
                c is < ' ' or > '~' or '"' or '\\'
                    ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")
                    : c.ToString()
            );
        }

        return json.Append('"').ToString();
    }
}

file static class Repetition
{
    public static string Repeated(this string text, int times)
    {
        return string.Concat(Enumerable.Repeat(text, times));
    }
}
