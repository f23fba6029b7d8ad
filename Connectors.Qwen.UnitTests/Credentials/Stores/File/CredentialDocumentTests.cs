using System.Text;
using System.Text.Json.Nodes;
using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

public class CredentialDocumentTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string> Flaws =>
        new()
        {
            { "", "it is empty" },
            { "\uFEFF", "it is empty" },
            { "  \n", "it is not JSON" },
            { "{", "it is not JSON" },
            { "{}{}", "it is not JSON" },
            { """{"access_token":"s3cret"} x""", "it is not JSON" },
            { """{"access_token":"s3cret",}""", "it is not JSON" },
            { """/* c */{"access_token":"s3cret"}""", "it is not JSON" },
            { """{"access_token":"s3cret","access_token":"b"}""", "it is not JSON" },
            { """{"access_token":"s3cret","x":1,"x":2}""", "it is not JSON" },
            { """{"access_token":"\ud800"}""", "it is not JSON" },
            // Half a surrogate pair: it could be read, but not written again after the refresh token was spent.
            { """{"access_token":"s3cret","note":"\ud83d"}""", "it is not JSON" },
            { """{"access_token":"s3cret","note":[{"a":"\ud83d"}]}""", "it is not JSON" },
            { "null", "it is not a JSON object" },
            { "42", "it is not a JSON object" },
            { "\"s3cret\"", "it is not a JSON object" },
            { """[{"access_token":"s3cret"}]""", "it is not a JSON object" },
            { "{}", "access_token is missing or not a text" },
            { """{"access_token":null}""", "access_token is missing or not a text" },
            { """{"access_token":""}""", "access_token is missing or not a text" },
            { """{"access_token":42}""", "access_token is missing or not a text" },
            { """{"access_token":["s3cret"]}""", "access_token is missing or not a text" },
            {
                """{"access_token":"s3cret s3cret"}""",
                "access_token holds a space, a line break or a character outside ASCII"
            },
            {
                """{"access_token":"s3cret\n"}""",
                "access_token holds a space, a line break or a character outside ASCII"
            },
            {
                """{"access_token":"s3crét"}""",
                "access_token holds a space, a line break or a character outside ASCII"
            },
            { """{"access_token":"s3cret","refresh_token":42}""", "refresh_token is not a text" },
            { """{"access_token":"s3cret","refresh_token":["a"]}""", "refresh_token is not a text" },
            { """{"access_token":"s3cret","resource_url":{}}""", "resource_url is not a text" },
            { """{"access_token":"s3cret","resource_url":"not a host"}""", "resource_url is not an address" },
            { """{"access_token":"s3cret","expiry_date":"1"}""", "expiry_date is not a number of milliseconds" },
            { """{"access_token":"s3cret","expiry_date":[1]}""", "expiry_date is not a number of milliseconds" },
            { """{"access_token":"s3cret","expiry_date":-1}""", "expiry_date is not a number of milliseconds" },
            { """{"access_token":"s3cret","expiry_date":1e300}""", "expiry_date is not a number of milliseconds" },
            { """{"access_token":"s3cret","expiry_date":1e999}""", "expiry_date is not a number of milliseconds" },
            {
                """{"access_token":"s3cret","expiry_date":253402300000000}""",
                "expiry_date is not a number of milliseconds"
            },
        };

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A19_Parse_NoLogin_SaysWhyWithoutQuotingIt(string json, string expected)
    {
        Assert.Null(CredentialDocument.Parse(Encoding.UTF8.GetBytes(json), out var flaw));

        Assert.Equal(expected, flaw);
        Assert.DoesNotContain("s3cr", flaw);
    }

    [Fact]
    public void A19_Parse_TornOrBinary_IsNoJson()
    {
        var whole = """{"access_token":"s3cret","refresh_token":"r"}"""u8.ToArray();
        for (var length = 1; length < whole.Length; length++)
        {
            Assert.Null(CredentialDocument.Parse(whole.AsSpan(0, length), out var flaw));
            Assert.Equal("it is not JSON", flaw);
        }

        Assert.Null(CredentialDocument.Parse([0xFF, 0xFE, 0x7B, 0x00], out _));
        Assert.Null(CredentialDocument.Parse(Encoding.UTF8.GetBytes(new string('[', 10_000)), out _));
    }

    public static TheoryData<string, string?, string?> Logins =>
        new()
        {
            { """{"access_token":"a"}""", null, null },
            { "\uFEFF{\"access_token\":\"a\"}", null, null },
            { "\n {\"access_token\":\"a\"} \r\n", null, null },
            { """{"access_token":"a","refresh_token":""}""", null, null },
            { """{"access_token":"a","refresh_token":null,"resource_url":null,"expiry_date":null}""", null, null },
            { """{"access_token":"a","refresh_token":"r","resource_url":""}""", "r", null },
            { """{"access_token":"a","resource_url":"portal.qwen.ai"}""", null, "https://portal.qwen.ai/v1" },
            { """{"token_type":42,"scope":[1,2],"access_token":"a","obtained_date":"soon"}""", null, null },
        };

    [Theory]
    [MemberData(nameof(Logins))]
    public void Parse_Login_IsRead(string json, string? refreshToken, string? endpoint)
    {
        var login = Parse(json).ToCredential(Now.AddDays(-1), Now);

        Assert.Equal(("a", refreshToken), (login.AccessToken, login.RefreshToken));
        Assert.Equal(endpoint, login.Endpoint?.AbsoluteUri);
    }

    [Theory]
    [InlineData("1772366400000", 0)]
    [InlineData("1772366400500.75", 0.5)]
    [InlineData("1.7723664e12", 0)]
    [InlineData("0", -1772366400)]
    public void ToCredential_ExpiryDate_IsUnixMilliseconds(string expiry, double seconds)
    {
        var login = Parse($$"""{"access_token":"a","expiry_date":{{expiry}}}""").ToCredential(Now.AddDays(-1), Now);

        Assert.Equal(Now.AddSeconds(seconds), login.ExpiresAt);
        Assert.Equal(Now.AddDays(-1), login.ObtainedAt);
    }

    // A23: minutes by which the writer's clock is ahead of ours; seconds since it wrote; whether its life counts from the writing.
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(90, 0, true)]
    [InlineData(-90, 0, true)]
    [InlineData(90, 29, true)]
    [InlineData(90, -29, true)]
    [InlineData(90, 30, false)]
    [InlineData(90, -30, false)]
    public void A23_ToCredential_JustWrittenByAnotherClock_LivesAsLongAsItWasMadeTo(
        int ahead,
        int writtenAgo,
        bool isJustWritten
    )
    {
        var theirs = Now.AddMinutes(ahead);
        var json = $$"""
            {"access_token":"a","expiry_date":{{theirs.AddHours(1).ToUnixTimeMilliseconds()}},
             "connectors_qwen":{"expiry_date":{{theirs.AddHours(1).ToUnixTimeMilliseconds()}},
             "obtained_date":{{theirs.ToUnixTimeMilliseconds()}},"written_date":{{theirs.ToUnixTimeMilliseconds()}} } }
            """;
        var writtenAt = Now.AddSeconds(-writtenAgo);

        var login = Parse(json).ToCredential(writtenAt, Now);

        var beginning = isJustWritten ? writtenAt : theirs;
        Assert.Equal((beginning, beginning.AddHours(1)), (login.ObtainedAt, login.ExpiresAt));
    }

    [Fact]
    public void A22_ToCredential_SavedLate_IsNotYoungerThanItIs()
    {
        var obtained = Now.AddMinutes(-50);
        var document = CredentialDocument.Empty;
        document.Set(new QwenCredential("a", obtained.AddHours(1), "r") { ObtainedAt = obtained }, Now);

        var login = Parse(Written(document)).ToCredential(Now, Now);

        Assert.Equal((obtained, obtained.AddHours(1)), (login.ObtainedAt, login.ExpiresAt));
    }

    [Fact]
    public void A16_ToCredential_AnotherProgramChangedTheEnd_OurTimesNoLongerCount()
    {
        var document = CredentialDocument.Empty;
        document.Set(new QwenCredential("a", Now, "r") { ObtainedAt = Now.AddHours(-1) }, Now.AddHours(-1));
        var json = Written(document)
            .Replace(
                "\"expiry_date\": 1772366400000,\n  \"conn",
                "\"expiry_date\": 1772370000000,\n  \"conn",
                StringComparison.Ordinal
            );

        var login = Parse(json).ToCredential(Now, Now);

        Assert.Equal((Now, Now.AddHours(1)), (login.ObtainedAt, login.ExpiresAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(221_844_999_999_999)]
    public void A19_ToCredential_TimesFarAway_AreNoReasonToFail(long written)
    {
        var json = $$"""
            {"access_token":"a","expiry_date":221844999999999,
             "connectors_qwen":{"expiry_date":221844999999999,"obtained_date":0,"written_date":{{written}} } }
            """;

        Assert.Equal("a", Parse(json).ToCredential(Now, Now).AccessToken);
    }

    [Fact]
    public void A23_ToCredential_NoLifeInTheFile_IsTakenAsItIs()
    {
        var end = Now.AddMinutes(-30);
        var json = $$"""{"access_token":"a","expiry_date":{{end.ToUnixTimeMilliseconds()}}}""";

        Assert.Equal(end, Parse(json).ToCredential(Now, Now).ExpiresAt);
    }

    [Fact]
    public void A20_Set_OtherFields_StayInTheirOrder()
    {
        var document = Parse(
            """
            {"id_token":"x","access_token":"a1","nested":{"b":[1,{"c":null}],"a":1e400,"dup":{"x":1,"x":2}},
             "token_type":"bearer","refresh_token":"r1","resource_url":"PORTAL.qwen.ai","expiry_date":5,"ü<>&'":"ü<>&'"}
            """
        );

        document.Set(
            new QwenCredential("a2", Now, "r2", new Uri("https://portal.qwen.ai/v1")) { ObtainedAt = Now.AddHours(-1) },
            Now
        );

        Assert.Equal(
            """
            {
              "id_token": "x",
              "access_token": "a2",
              "nested": {
                "b": [
                  1,
                  {
                    "c": null
                  }
                ],
                "a": 1e400,
                "dup": {
                  "x": 1,
                  "x": 2
                }
              },
              "token_type": "bearer",
              "refresh_token": "r2",
              "resource_url": "PORTAL.qwen.ai",
              "expiry_date": 1772366400000,
              "ü<>&'": "ü<>&'",
              "connectors_qwen": {
                "expiry_date": 1772366400000,
                "obtained_date": 1772362800000,
                "written_date": 1772366400000
              }
            }
            """.ReplaceLineEndings(Environment.NewLine),
            Written(document)
        );
    }

    [Fact]
    public void Set_LoginWithoutEndOrRefreshToken_LeavesNoneOfTheOldOne()
    {
        var document = Parse(
            """{"access_token":"a1","refresh_token":"r1","expiry_date":5,"obtained_date":3,"resource_url":"a.example"}"""
        );

        document.Set(new QwenCredential("a2", endpoint: new Uri("https://b.example/v1")), Now);

        var login = Parse(Written(document)).ToCredential(Now, Now);
        Assert.Equal(("a2", null, null), (login.AccessToken, login.RefreshToken, login.ExpiresAt));
        Assert.Equal(new Uri("https://b.example/v1"), login.Endpoint);
        Assert.Equal("", JsonNode.Parse(Written(document))!["refresh_token"]!.GetValue<string>());
    }

    [Fact]
    public void Set_OnNothing_IsAFileOfTheCommandLineClient()
    {
        var document = CredentialDocument.Empty;

        document.Set(new QwenCredential("a", Now, "r", new Uri("https://portal.qwen.ai/v1")) { ObtainedAt = Now }, Now);

        Assert.Equal(
            """
            {
              "access_token": "a",
              "refresh_token": "r",
              "token_type": "Bearer",
              "resource_url": "https://portal.qwen.ai/v1",
              "expiry_date": 1772366400000,
              "connectors_qwen": {
                "expiry_date": 1772366400000,
                "obtained_date": 1772366400000,
                "written_date": 1772366400000
              }
            }
            """.ReplaceLineEndings(Environment.NewLine),
            Written(document)
        );
    }

    internal static CredentialDocument Parse(string json)
    {
        var document = CredentialDocument.Parse(Encoding.UTF8.GetBytes(json), out var flaw);
        Assert.Null(flaw);
        return document!;
    }

    internal static string Written(CredentialDocument document)
    {
        using var stream = new MemoryStream();
        document.WriteTo(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
