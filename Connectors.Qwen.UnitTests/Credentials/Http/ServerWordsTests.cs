using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.Http;

public class ServerWordsTests
{
    [Theory]
    [InlineData("invalid_grant")]
    [InlineData("Throttling.RateQuota")]
    [InlineData("5f0c-0A1")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234")]
    public void Code_CodeOrId_IsSaid(string said)
    {
        Assert.Equal(said, ServerWords.Code(said, "s3cret", null, ""));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("<b>")]
    [InlineData("\"quoted\"")]
    [InlineData("über")]
    [InlineData("s3cret")]
    [InlineData("no-s3cret-here")]
    [InlineData("other-value")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void Code_AnythingElseOrASecret_IsNotSaid(string? said)
    {
        Assert.Null(ServerWords.Code(said, null, "s3cret", "value"));
    }
}
