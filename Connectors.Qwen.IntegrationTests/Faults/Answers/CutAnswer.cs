using System.Text;
using System.Text.Json.Nodes;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>A stream that is to be cut everywhere, and what it says in full.</summary>
internal sealed class CutAnswer
{
    private readonly List<int> _eventEnds = [];

    private CutAnswer() { }

    public required byte[] Bytes { get; init; }

    public required string Text { get; init; }

    public required string Reasoning { get; init; }

    /// <summary>The calls as "id name arguments".</summary>
    public required string[] Calls { get; init; }

    /// <summary>Before this position nothing says that the answer is finished: it must never be taken for whole.</summary>
    public int NotWholeBefore { get; private set; } = int.MaxValue;

    /// <summary>From this position on the server has said that the answer is finished: it must be whole.</summary>
    public int WholeFrom { get; private set; } = int.MaxValue;

    /// <param name="data">The data of the events; one that begins with <c>event:</c> is the event as it stands.</param>
    /// <param name="newLine">How lines end.</param>
    /// <param name="text">The text, where it is not the deltas one after another.</param>
    /// <param name="reasoning">The reasoning, likewise.</param>
    public static CutAnswer Of(
        IEnumerable<string> data,
        string newLine = "\n",
        string? text = null,
        string? reasoning = null
    )
    {
        string[] events = [.. data];
        var answers = events.Where(static e => e.StartsWith('{')).Select(static e => JsonNode.Parse(e)!).ToArray();
        var deltas = answers.Select(static a => a["choices"]!.AsArray().FirstOrDefault()?["delta"]).ToArray();
        var bytes = new MemoryStream();
        var (notWholeBefore, wholeFrom) = (int.MaxValue, int.MaxValue);
        var ends = new List<int>();
        var hasCalls = deltas.Any(static d => d?["tool_calls"] is not null);
        foreach (var one in events.Append("[DONE]"))
        {
            var written = one.StartsWith("event:", StringComparison.Ordinal)
                ? one.ReplaceLineEndings(newLine)
                : "data: " + one;
            bytes.Write(Encoding.UTF8.GetBytes(written));
            var isFinish = wholeFrom == int.MaxValue && (IsFinish(one) || (IsUsage(one) && !hasCalls));
            notWholeBefore = isFinish ? (int)bytes.Length : notWholeBefore;
            bytes.Write(Encoding.UTF8.GetBytes(newLine + newLine));
            wholeFrom = isFinish ? (int)bytes.Length : wholeFrom;
            ends.Add((int)bytes.Length);
        }

        var answer = new CutAnswer
        {
            Bytes = bytes.ToArray(),
            Text = text ?? string.Concat(deltas.Select(static d => (string?)d?["content"])),
            Reasoning = reasoning ?? string.Concat(deltas.Select(static d => (string?)d?["reasoning_content"])),
            Calls = CallsOf(deltas),
            NotWholeBefore = notWholeBefore,
            WholeFrom = wholeFrom,
        };
        answer._eventEnds.AddRange(ends);
        return answer;
    }

    /// <summary>
    /// Where to cut: everywhere in a short stream. In a long recording everywhere in the last three events, which say that the
    /// answer is finished; of the hundreds before, which have one shape, every eighth at its first and last bytes, and each at
    /// one place, which wanders from event to event so that all places of the shape are met.
    /// </summary>
    public IEnumerable<int> Positions(int longest = 8192)
    {
        if (Bytes.Length <= longest)
        {
            return Enumerable.Range(0, Bytes.Length + 1);
        }

        var tail = _eventEnds[^4];
        var before = _eventEnds
            .Prepend(0)
            .Zip(_eventEnds)
            .SelectMany(
                static (range, i) =>
                {
                    var length = range.Second - range.First;
                    int[] offsets = i % 8 == 0 ? [0, 1, 5, 7, length - 3, length - 1] : [];
                    return offsets.Append(i * 7 % length).Select(offset => range.First + offset);
                }
            )
            .Where(position => position < tail);
        return before.Concat(Enumerable.Range(tail, Bytes.Length - tail + 1)).Distinct();
    }

    private static bool IsFinish(string data)
    {
        return data.StartsWith('{')
            && JsonNode.Parse(data)!["choices"]?.AsArray().FirstOrDefault()?["finish_reason"] is { } reason
            && ((string?)reason)?.Length > 0;
    }

    // After text this says as much as a finish reason, where none came before.
    private static bool IsUsage(string data)
    {
        return data.StartsWith('{')
            && JsonNode.Parse(data)! is var answer
            && answer["choices"]?.AsArray().Count == 0
            && answer["usage"] is not null;
    }

    private static string[] CallsOf(JsonNode?[] deltas)
    {
        return
        [
            .. deltas
                .SelectMany(static d => d?["tool_calls"]?.AsArray() ?? [])
                .GroupBy(static call => (int)call!["index"]!)
                .Select(static pieces =>
                    $"{pieces.First()!["id"]} {pieces.First()!["function"]!["name"]} "
                    + JsonNode
                        .Parse(string.Concat(pieces.Select(static p => (string?)p!["function"]!["arguments"])))!
                        .ToJsonString()
                ),
        ];
    }
}
