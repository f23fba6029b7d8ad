using Connectors.Qwen.UnitTests.Testing;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Wire;

public class ChunkReaderPropertyTests
{
    private const string Call = """[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]""";

    private static readonly Gen<string> Text = Gen.OneOf(
            Gen.Char[' ', '~'],
            Gen.Char['\u4e00', '\u4e50'],
            Gen.Char['\ud800', '\udfff'],
            Gen.Char['\0', '\u001f']
        )
        .Array[0, 6]
        .Select(chars => "\"" + string.Concat(chars.Select(Escape)) + "\"");

    private static readonly Gen<string> TextOrNull = Gen.OneOf(Text, Text, Gen.Const("null"), Gen.Const("\"\""));

    private static readonly Gen<string> Delta = Object(
        Member("content", TextOrNull),
        Member("reasoning_content", TextOrNull),
        Maybe("reasoning", "null", "null", "\"think\""),
        Maybe("refusal", "null", "null", "\"no\""),
        Maybe("role", "null", "\"assistant\""),
        Maybe("tool_calls", "null", "null", "[]", Call),
        Maybe("function_call", "null"),
        Maybe("audio", "null", "null", """{"data":"AAAA"}""")
    );

    private static readonly Gen<string> Choice = Object(
        Member("delta", Gen.OneOf(Delta, Delta, Delta, Gen.Const("null"))),
        Maybe("index", "0", "0", "0", "1"),
        Maybe("finish_reason", "null", "null", "null", "\"\"", "\"stop\""),
        Maybe("logprobs", "null", "null", """{"content":[{"token":"a"}]}"""),
        Maybe("unknown", "1", """{"delta":{"content":"wrong"}}""")
    );

    private static readonly Gen<string> Chunk = Object(
        Member("choices", Choice.Array[0, 2].Select(choices => $"[{string.Join(",", choices)}]")),
        Maybe("id", "null", "\"chatcmpl-U\""),
        Maybe("object", "\"chat.completion.chunk\""),
        Maybe("created", "1770764942"),
        Maybe("model", "\"qwen3-max\""),
        Maybe("usage", "null", "null", """{"total_tokens":16}"""),
        Maybe("error", "null", "null", """{"message":"busy"}"""),
        Maybe("system_fingerprint", "null", """["choices",{"choices":[]}]""")
    );

    [Fact]
    public void Read_AnyMembersInAnyOrder_MeansTheSameBothWays()
    {
        Chunk.Sample(
            data => Chunks.View(Chunks.Read(data)) == Chunks.View(Chunks.Read(data, whole: true)),
            iter: 20_000
        );
    }

    [Fact]
    public void Read_AnyTextInAPlainDelta_NeedsNoDeserializer()
    {
        Text.Sample(
            text =>
                Chunks.Read($$"""{"choices":[{"delta":{"content":{{text}}},"index":0}],"usage":null}""").Rare is null,
            iter: 2_000
        );
    }

    private static Gen<string?> Member(string name, Gen<string> value)
    {
        return value.Select(v => (string?)$"\"{name}\":{v}");
    }

    private static Gen<string?> Maybe(string name, params string[] values)
    {
        return Gen.Int[-1, values.Length - 1].Select(i => i < 0 ? null : $"\"{name}\":{values[i]}");
    }

    /// <summary>An object of these members, in random order.</summary>
    private static Gen<string> Object(params Gen<string?>[] members)
    {
        var all = Gen.Const(Array.Empty<(int Order, string? Text)>());
        foreach (var member in members)
        {
            all = Gen.Select(all, Gen.Int, member, (list, order, text) => list.Append((order, text)).ToArray());
        }

        return all.Select(list =>
            $"{{{string.Join(",", list.OrderBy(m => m.Order).Where(m => m.Text is not null).Select(m => m.Text))}}}"
        );
    }

    private static string Escape(char c)
    {
        return c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '/' => "\\/",
            '\n' => "\\n",
            '\t' => "\\t",
            _ when char.IsSurrogate(c) || c < ' ' => $"\\u{(int)c:X4}",
            _ => c.ToString(),
        };
    }
}
