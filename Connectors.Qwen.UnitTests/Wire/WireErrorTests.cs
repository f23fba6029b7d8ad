using System.Text;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.UnitTests.Wire;

public class WireErrorTests
{
    // The body, then code, type, message, parameter and request id.
    public static TheoryData<string, string?, string?, string?, string?, string?> Errors =>
        new()
        {
            {
                """{"error":{"message":"m","type":"t","param":"p","code":"c"},"id":"chatcmpl-U","request_id":"U"}""",
                "c",
                "t",
                "m",
                "p",
                "U"
            },
            { """{"request_id":"U","error":{"code":null,"param":null,"message":"m"}}""", null, null, "m", null, "U" },
            { """{"error":{"message":"m","id":"U","type":"t","code":"c"}}""", "c", "t", "m", null, "U" },
            { """{"error":{"message":"m","request_id":"U"}}""", null, null, "m", null, "U" },
            { """{"error":{"message":"m","code":429}}""", "429", null, "m", null, null },
            { """{"error":{"message":"m","code":"429"}}""", "429", null, "m", null, null },
            { """{"error":{"message":"m","code":4.5}}""", "4.5", null, "m", null, null },
            { """{"error":{"message":"m","code":true}}""", null, null, "m", null, null },
            { """{"error":{"message":"m","code":{}}}""", null, null, "m", null, null },
            { """{"error":{"message":"","code":""}}""", null, null, null, null, null },
            { """{"error":{}}""", null, null, null, null, null },
            { """{"error":"text","request_id":"U"}""", null, null, "text", null, "U" },
            { """{"error":"invalid_grant","error_description":"gone"}""", null, null, "gone", null, null },
            { """{"code":"InvalidApiKey","message":"m","request_id":"U"}""", "InvalidApiKey", null, "m", null, "U" },
            { """{"code":400,"message":"m"}""", "400", null, "m", null, null },
            { """{"code":null,"message":"m"}""", null, null, "m", null, null },
            { """{"object":"error","message":"m","type":"t","param":"p","code":7}""", "7", "t", "m", "p", null },
            { """{"object":"error"}""", null, null, null, null, null },
            { """{"error":{"message":"half \ud83d"}}""", null, null, "half \ud83d", null, null },
            { """{"error":"half \ud83d"}""", null, null, "half \ud83d", null, null },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Parse_ErrorOfAnyShape_ReadsItsFields(
        string body,
        string? code,
        string? type,
        string? message,
        string? parameter,
        string? requestId
    )
    {
        Assert.Equal(new WireError(code, type, message, parameter, requestId), Parse(body));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"error\"")]
    [InlineData("")]
    [InlineData("stream timeout")]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"code":"c"}""")]
    [InlineData("""{"message":"m"}""")]
    [InlineData("""{"code":"c","message":"m","choices":[]}""")]
    [InlineData("""{"object":"chat.completion","choices":[]}""")]
    [InlineData("""{"error":{"message":"m"},"e\ud83d":"a name that is no text"}""")]
    public void Parse_NotAnError_IsNull(string body)
    {
        Assert.Null(Parse(body));
    }

    [Fact]
    public void Parse_NullErrorBesideANativeOne_ReadsTheNativeOne()
    {
        Assert.Equal("m", Parse("""{"error":null,"code":"c","message":"m"}""")?.Message);
    }

    private static WireError? Parse(string body)
    {
        return WireError.Parse(Encoding.UTF8.GetBytes(body));
    }
}
