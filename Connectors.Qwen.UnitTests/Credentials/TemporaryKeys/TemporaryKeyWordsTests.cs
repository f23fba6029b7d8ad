using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.TemporaryKeys;

/// <summary>A24: what a server says is repeated only where it is a code.</summary>
public class TemporaryKeyWordsTests
{
    private const string Long = "x1234567890123456789012345678901234567890123456789012345678901234567890";

    [Theory]
    [InlineData(RawClient.Secret, HttpStatusCode.Unauthorized)]
    [InlineData("no-" + RawClient.Secret, HttpStatusCode.Unauthorized)]
    [InlineData("x " + RawClient.Secret, HttpStatusCode.BadRequest)]
    [InlineData(Long, HttpStatusCode.BadRequest)]
    public async Task A24_GetCredentialAsync_WordsThatAreNoCode_AreNotRepeated(string said, HttpStatusCode status)
    {
        var handler = new ScriptedHandler(() =>
            Answers.Json($$"""{"code":"{{said}}","request_id":"{{said}}"}""", status)
        );
        using var provider = new TemporaryKeyCredentialProvider(
            new ApiKeyCredentialProvider(RawClient.Secret),
            new TemporaryKeyOptions(),
            handler.CreateClient(),
            null,
            Logins.Clock()
        );

        var e = await Assert.ThrowsAnyAsync<QwenException>(() =>
            Guard.WaitAsync(provider.GetCredentialAsync().AsTask())
        );

        Assert.Equal((null, null, status), (e.ErrorCode, e.RequestId, e.StatusCode!.Value));
        Assert.DoesNotContain(said, e.ToString());
        Assert.DoesNotContain(RawClient.Secret, e.ToString());
    }
}
