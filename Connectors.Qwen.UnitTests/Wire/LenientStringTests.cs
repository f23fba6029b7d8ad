using System.Text;
using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Wire;

public class LenientStringTests
{
    // Not InlineData: the compiler cannot write half a surrogate pair into an attribute.
    public static TheoryData<string, string> Escapes =>
        new()
        {
            { """\ud83d\"\\\/\b\f\n\r\t\u4e2d x""", "\ud83d\"\\/\b\f\n\r\t\u4e2d x" },
            { """\ud83D\uDE00\ud83d""", "\U0001F600\ud83d" },
            { """\ude00\ud83d""", "\ude00\ud83d" },
            { """\\ud83d\ud83d""", "\\ud83d\ud83d" },
            { "中文\\ud83d", "中文\ud83d" },
            { "plain \\u0041", "plain A" },
        };

    [Fact]
    public void Read_EmojiCutBetweenTwoChunks_JoinsToTheEmoji()
    {
        var first = Chunks.Read("""{"choices":[{"delta":{"content":"Hi \ud83d"}}]}""");
        var second = Chunks.Read("""{"choices":[{"delta":{"content":"\ude00!"}}]}""");

        Assert.Equal("Hi \U0001F600!", first.Content + second.Content);
    }

    [Fact]
    public void Read_EmojiCutBetweenTwoWholeChunks_JoinsToTheEmoji()
    {
        var first = Chunks.Read("""{"choices":[{"delta":{"reasoning_content":"\ud83d"}}]}""", whole: true);
        var second = Chunks.Read("""{"choices":[{"delta":{"reasoning_content":"\ude00"}}]}""", whole: true);

        var text = first.Rare!.Choices![0].Delta!.ReasoningContent + second.Rare!.Choices![0].Delta!.ReasoningContent;
        Assert.Equal("\U0001F600", text);
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public void Read_Escapes_AreResolvedByBothReaders(string escaped, string expected)
    {
        var json = $"\"{escaped}\"";

        Assert.Equal(expected, ReadByReader(json));
        Assert.Equal(expected, ReadByElement(json));
    }

    // A gateway's own encoding, here GBK, of which not every byte is UTF-8.
    [Fact]
    public void Read_BytesThatAreNotUtf8_AreReplacedByBothReaders()
    {
        byte[] json = [.. "\"busy "u8, 0xc3, 0xa6, 0xb7, 0xb1, .. "\\n\""u8];
        var reader = new Utf8JsonReader(json);
        reader.Read();
        using var document = JsonDocument.Parse(json);

        Assert.Equal("busy \u00e6\ufffd\ufffd\n", LenientString.Read(ref reader));
        Assert.Equal("busy \u00e6\ufffd\ufffd\n", LenientString.Read(document.RootElement));
    }

    [Fact]
    public void Read_AnyText_ComesBackAsItWas()
    {
        Gen.String.Sample(text =>
        {
            var json = "\"" + string.Concat(text.Select(c => $"\\u{(int)c:x4}")) + "\"";
            return ReadByReader(json) == text && ReadByElement(json) == text;
        });
    }

    [Fact]
    public void Read_Null_IsNull()
    {
        Assert.Null(ReadByReader("null"));
        Assert.Null(ReadByElement("null"));
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_AreReplaced()
    {
        byte[] json = [(byte)'"', (byte)'a', 0xff, (byte)'"'];
        var reader = new Utf8JsonReader(json);
        reader.Read();

        Assert.Equal("a\ufffd", LenientString.Read(ref reader));
    }

    [Fact]
    public void Read_Number_IsRefused()
    {
        Assert.Throws<InvalidOperationException>(() => ReadByReader("1"));
        Assert.Throws<InvalidOperationException>(() => ReadByElement("1"));
    }

    private static string? ReadByReader(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return LenientString.Read(ref reader);
    }

    private static string? ReadByElement(string json)
    {
        return LenientString.Read(JsonAssert.Element(json));
    }
}
