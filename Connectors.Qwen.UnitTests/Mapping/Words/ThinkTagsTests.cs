using Connectors.Qwen.Mapping.Words;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

public class ThinkTagsTests
{
    /// <summary>A text, its reasoning, what remains of it.</summary>
    public static TheoryData<string, string, string> Texts =>
        new()
        {
            { "<think>hm</think>Hi", "hm", "Hi" },
            { "\n <think>\nhm\n</think>\n\nHi", "\nhm\n", "\n\nHi" },
            { "<think></think>Hi", "", "Hi" },
            { "<think>a < b </thin k></think>Hi", "a < b </thin k>", "Hi" },
            { "<think>a</</think>Hi", "a</", "Hi" },
            { "<think>各种 🚀</think>好", "各种 🚀", "好" },
            { "<think>hm", "hm", "" },
            { "<think>hm</think", "hm</think", "" },
            { "<think>", "", "" },
            { "<thin", "", "<thin" },
            { "<thinking>hm</thinking>", "", "<thinking>hm</thinking>" },
            { " <b>Hi</b>", "", " <b>Hi</b>" },
            { "Hi <think>hm</think>", "", "Hi <think>hm</think>" },
            { "<think>hm</think>Hi <think>no</think>", "hm", "Hi <think>no</think>" },
            { "</think>Hi", "", "</think>Hi" },
            { " ", "", " " },
            { new string(' ', 80) + "<think>hm</think>", "", new string(' ', 80) + "<think>hm</think>" },
        };

    [Theory, MemberData(nameof(Texts))]
    public void Add_InPiecesOfAnySize_IsTakenApartTheSame(string text, string reasoning, string visible)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            Assert.Equal((reasoning, visible), Play(text.Chunk(size).Select(static piece => new string(piece))));
        }
    }

    [Theory, MemberData(nameof(Texts))]
    public void Add_InTwoPieces_IsTakenApartTheSame(string text, string reasoning, string visible)
    {
        for (var cut = 1; cut < text.Length; cut++)
        {
            Assert.Equal((reasoning, visible), Play([text[..cut], text[cut..]]));
        }
    }

    [Theory, MemberData(nameof(Texts))]
    public void Split_WholeText_IsTheSame(string text, string reasoning, string visible)
    {
        Assert.Equal((reasoning, visible), ThinkTags.Split(text));
    }

    [Fact]
    public void Add_Reasoning_IsHandedOutAsItComes()
    {
        var tags = new ThinkTags();

        Assert.Equal("hm", tags.Add("<think>hm", out _));
        Assert.Equal(", so ", tags.Add(", so </", out _));
        Assert.Equal("</b", tags.Add("b", out _));
    }

    private static (string Reasoning, string Visible) Play(IEnumerable<string> pieces)
    {
        var tags = new ThinkTags();
        var (reasoning, visible) = ("", "");
        string more;
        foreach (var piece in pieces)
        {
            reasoning += tags.Add(piece, out more);
            visible += more;
        }

        reasoning += tags.Finish(out more);
        return (reasoning, visible + more);
    }
}
