using System.Diagnostics;
using System.Reflection;

namespace Connectors.Qwen.UnitTests.Credentials;

public class QwenCredentialTests
{
    private const string Secret = "access-s3cret";
    private const string RefreshSecret = "refresh-s3cret";
    private static readonly DateTimeOffset End = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ToString_WithSecrets_ShowsNone()
    {
        var credential = new QwenCredential(Secret, End, RefreshSecret, QwenEndpoints.Beijing);

        Assert.Equal(
            $"credential {credential.Fingerprint}, ends 2026-03-01T12:00:00.0000000+00:00",
            credential.ToString()
        );
    }

    [Fact]
    public void ToString_WithoutEnd_IsTheFingerprint()
    {
        var credential = new QwenCredential(Secret);

        Assert.Equal($"credential {credential.Fingerprint}", credential.ToString());
    }

    [Fact]
    public void DebuggerDisplay_Type_IsToString()
    {
        var display = typeof(QwenCredential).GetCustomAttribute<DebuggerDisplayAttribute>();

        Assert.Equal("{ToString(),nq}", display?.Value);
    }

    [Theory]
    [InlineData(nameof(QwenCredential.AccessToken))]
    [InlineData(nameof(QwenCredential.RefreshToken))]
    [InlineData(nameof(QwenCredential.HeaderValue))]
    public void DebuggerBrowsable_Secret_IsNeverShown(string property)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

        var browsable = typeof(QwenCredential)
            .GetProperty(property, Any)!
            .GetCustomAttribute<DebuggerBrowsableAttribute>();

        Assert.Equal(DebuggerBrowsableState.Never, browsable?.State);
    }

    [Fact]
    public void Fingerprint_Token_IsShortAndStableAndNotTheToken()
    {
        var first = new QwenCredential(Secret).Fingerprint;

        Assert.Matches("^[0-9A-F]{8}$", first);
        Assert.Equal(first, new QwenCredential(Secret, End).Fingerprint);
        Assert.NotEqual(first, new QwenCredential(Secret + "2").Fingerprint);
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("line\nbreak")]
    [InlineData("line\rbreak")]
    [InlineData("tab\tinside")]
    [InlineData("schlüssel")]
    [InlineData("“quoted”")]
    [InlineData("del\u007f")]
    [InlineData("nul\0")]
    [InlineData(" leading")]
    public void Constructor_CharacterThatAHeaderCannotCarry_IsRefusedWithoutTheToken(string token)
    {
        var e = Assert.Throws<ArgumentException>("accessToken", () => new QwenCredential(token));

        Assert.DoesNotContain(token, e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Constructor_NoToken_IsRefused(string token)
    {
        Assert.Throws<ArgumentException>("accessToken", () => new QwenCredential(token));
    }

    [Fact]
    public void HeaderValue_Token_IsABearer()
    {
        var credential = new QwenCredential("!sk-~");

        Assert.Equal("Bearer !sk-~", credential.HeaderValue);
        Assert.Same(credential.HeaderValue, credential.HeaderValue);
    }
}
