using Connectors.Qwen.Mapping.Words;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

public class TokenEstimateTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("Hello", 1)]
    [InlineData("Hello world", 2)]
    [InlineData("international", 3)]
    [InlineData("110", 3)]
    [InlineData("x = 1;\n", 5)]
    public void Of_Text_IsAboutItsTokens(string text, double expected)
    {
        Assert.Equal(expected, TokenEstimate.Of(text));
    }

    [Fact]
    public void Of_ChineseText_IsTwoTokensForThreeCharacters()
    {
        Assert.Equal(2, TokenEstimate.Of("学而时"), tolerance: 0.1);
    }
}
