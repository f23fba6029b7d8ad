using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

public class ResourceUrlTests
{
    [Theory]
    [InlineData("portal.qwen.ai", "https://portal.qwen.ai/v1")]
    [InlineData("portal.qwen.ai/", "https://portal.qwen.ai/v1")]
    [InlineData("portal.qwen.ai/v1", "https://portal.qwen.ai/v1")]
    [InlineData(" portal.qwen.ai/v1/ ", "https://portal.qwen.ai/v1")]
    [InlineData("https://portal.qwen.ai", "https://portal.qwen.ai/v1")]
    [InlineData("https://portal.qwen.ai/compatible-mode/v1//", "https://portal.qwen.ai/compatible-mode/v1")]
    [InlineData("http://localhost:8080", "http://localhost:8080/v1")]
    [InlineData("localhost:8080", "https://localhost:8080/v1")]
    public void Parse_AddressOfAnyForm_IsTheBase(string text, string expected)
    {
        Assert.Equal(new Uri(expected), ResourceUrl.Parse(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("http://portal.qwen.ai")]
    [InlineData("ftp://portal.qwen.ai")]
    [InlineData("https://")]
    [InlineData("not a host")]
    public void Parse_NothingThatMayBeUsed_IsNull(string? text)
    {
        Assert.Null(ResourceUrl.Parse(text));
    }
}
