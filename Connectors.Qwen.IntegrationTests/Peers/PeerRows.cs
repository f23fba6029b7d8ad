namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>One situation, and what becomes of it with OpenAI's client and with this library.</summary>
internal sealed record PeerRow(string Id, string What, string Peer, string Ours);

/// <summary>
/// What people meet who point OpenAI's client at Qwen. Each row is run against both; the README's table is made of it
/// (<see cref="PeerTableTests"/>).
/// </summary>
internal static class PeerRows
{
    private const string Rows = """
        M1 | the service reports an error inside the stream | swallowed: half an answer looks whole | gone on with, or a typed error with the text so far
        M2 | a stream that is cut, empty, or an error with status 200 | looks like a whole answer, or an empty one | the whole answer
        M3 | a stream that is cut among tool calls | the tool is run with what came | asked again; no tool runs before its call is whole
        M4 | a finish reason, role or tool type that is empty or unknown | `ArgumentOutOfRangeException` | read; the reason is passed on
        M5 | a line of the stream is no JSON | `JsonException` | gone on with
        M6 | later parts of a tool call without id and name | read | read
        M7 | `reasoning_content` | read; never sent back | read; sent back with `preserve_thinking`
        M8 | `TopK`; `enable_thinking` among the additional properties | dropped | sent
        M9 | `ReasoningEffort.None` | sends `reasoning_effort: none` | sends `enable_thinking: false`
        M10 | video; audio by address | dropped without a word | sent
        M11 | a tool's result is a picture | sent as JSON text | sent as a picture
        M12 | 429 with `Retry-After: 1` | waits a second, asks again | waits a second, asks again
        M13 | the connection is reset in the middle of a stream | `IOException`, no second request | gone on with
        M14 | a stream that falls silent | each read has 100 s; then `OperationCanceledException`, no second request | an idle clock of its own; gone on with
        M15 | Semantic Kernel with an `HttpClient` of your own, and a 503 | fails at once: the connector's retries are off then | retried, as without one
        M16 | a silent stream behind `HttpClient.Timeout` and the standard resilience handler | hangs: both of these stop at the headers | the idle clock; gone on with
        M17 | a kernel's prompt over `IChatClient`, which must name its provider | answered | answered
        M18 | `OrderedFailoverChatClient`; a stream breaks behind its empty first chunk | the call fails: that chunk counted as output | answered by the first client
        M19 | `dotnet run app.cs`: JSON without reflection | tools with records need a source-generated context | the same
        """;

    public static IReadOnlyList<PeerRow> All { get; } =
    [.. Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    public static IEnumerable<string> Ids => All.Select(static row => row.Id);

    private static PeerRow Parse(string line)
    {
        return
            line.Split('|', StringSplitOptions.TrimEntries)
                is [{ Length: > 0 } id, { Length: > 0 } what, { Length: > 0 } peer, { Length: > 0 } ours]
            ? new(id, what, peer, ours)
            : throw new InvalidOperationException(
                $"A row is 'id | what happens | what OpenAI's client does | what this library does', and this is none: {line}"
            );
    }
}
