using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.DeviceLogin;

/// <summary>A24: what a server says is repeated only where it is a code.</summary>
public class DeviceLoginWordsTests
{
    private const string Long = "x1234567890123456789012345678901234567890123456789012345678901234567890";
    private const string Code = """
        {"device_code":"device-s3cret","user_code":"ABCD","verification_uri":"https://login.example/device","expires_in":600}
        """;

    private static readonly TimeSpan Five = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();

    [Theory]
    [InlineData("device-s3cret")]
    [InlineData("unknown.device-s3cret")]
    [InlineData("VERIFIER")]
    [InlineData("bad_VERIFIER")]
    [InlineData("two words")]
    [InlineData(Long)]
    public async Task A24_LoginAsync_RefusedInWordsThatAreNoCode_AreNotRepeated(string error)
    {
        var handler = new ScriptedHandler(() => Answers.Json(Code));
        var said = "";
        handler.Then(() =>
        {
            var verifier = handler.Requests[^1].Body.Split("code_verifier=")[1];
            said = error.Replace("VERIFIER", verifier, StringComparison.Ordinal);
            return Logins.Refused(said);
        });

        var pending = LoginAsync(handler);
        await _time.PassAsync(Five);
        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => pending);

        Assert.StartsWith("Not logged in: chat.qwen.ai refused it. ", e.Message);
        Assert.Null(e.ErrorCode);
        Assert.DoesNotContain(said, e.ToString());
    }

    [Theory]
    [InlineData("two words")]
    [InlineData(Long)]
    public async Task A24_LoginAsync_NotBegunInWordsThatAreNoCode_AreNotRepeated(string error)
    {
        var handler = new ScriptedHandler(() => Logins.Refused(error, HttpStatusCode.Forbidden));

        var e = await Assert.ThrowsAnyAsync<QwenException>(() => LoginAsync(handler));

        Assert.Contains("answered HTTP 403 without a code", e.Message);
        Assert.Null(e.ErrorCode);
        Assert.DoesNotContain(error, e.ToString());
    }

    private Task<QwenCredential> LoginAsync(ScriptedHandler handler)
    {
        var options = new QwenOAuthOptions { RefreshTimeout = TimeSpan.FromSeconds(33) };
        var login = new DeviceCodeLogin(options, handler.CreateClient(), null, _time);
        return Guard.WaitAsync(login.LoginAsync((_, _) => ValueTask.CompletedTask));
    }
}
