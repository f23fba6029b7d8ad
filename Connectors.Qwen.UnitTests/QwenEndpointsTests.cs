namespace Connectors.Qwen.UnitTests;

public class QwenEndpointsTests
{
    [Theory]
    [InlineData("llm-abc123", "cn-beijing", "https://llm-abc123.cn-beijing.maas.aliyuncs.com/compatible-mode/v1")]
    [InlineData("w", "ap-northeast-1", "https://w.ap-northeast-1.maas.aliyuncs.com/compatible-mode/v1")]
    [InlineData("W1", "eu-central-1", "https://w1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1")]
    public void Workspace_IdAndRegion_IsItsAddress(string id, string region, string expected)
    {
        Assert.Equal(expected, QwenEndpoints.Workspace(id, region).AbsoluteUri);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a.b")]
    [InlineData("evil.example/")]
    [InlineData("a@evil")]
    [InlineData("a#")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("größe")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void Workspace_NotOnePartOfAHost_IsRefusedByName(string value)
    {
        var id = Assert.Throws<ArgumentException>("workspaceId", () => QwenEndpoints.Workspace(value, "cn-beijing"));
        Assert.Throws<ArgumentException>("region", () => QwenEndpoints.Workspace("llm-abc", value));

        Assert.True(value.Length < 3 || !id.Message.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void Workspace_Null_IsRefusedByName()
    {
        Assert.Throws<ArgumentNullException>("workspaceId", static () => QwenEndpoints.Workspace(null!, "cn-beijing"));
        Assert.Throws<ArgumentNullException>("region", static () => QwenEndpoints.Workspace("llm-abc", null!));
    }
}
