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
    // Kept as it is: the client refuses it by name, where null would quietly mean the default address.
    [InlineData("http://portal.qwen.ai", "http://portal.qwen.ai/v1")]
    [InlineData("ftp://portal.qwen.ai", "ftp://portal.qwen.ai/v1")]
    public void Parse_AddressOfAnyForm_IsTheBase(string text, string expected)
    {
        Assert.Equal(new Uri(expected), ResourceUrl.Parse(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("https://")]
    [InlineData("not a host")]
    public void Parse_NoAddress_IsNull(string? text)
    {
        Assert.Null(ResourceUrl.Parse(text));
    }
}
