using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>OAuth logins and what the token endpoint says about them.</summary>
internal static class Logins
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static FakeTimeProvider Clock()
    {
        return new FakeTimeProvider(Now);
    }

    public static QwenCredential Fresh()
    {
        return EndsIn(3600);
    }

    public static QwenCredential Ending()
    {
        return EndsIn(20);
    }

    public static QwenCredential Ended()
    {
        return EndsIn(-1);
    }

    public static HttpResponseMessage Renewed(string token = "a2")
    {
        return Answers.Json(
            $$"""
            {"access_token":"{{token}}","refresh_token":"r2","token_type":"Bearer","expires_in":3600,
             "resource_url":"portal.example"}
            """
        );
    }

    public static HttpResponseMessage Refused(string error, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        return Answers.Json($$"""{"error":"{{error}}","error_description":"..."}""", status);
    }

    private static QwenCredential EndsIn(double seconds)
    {
        return new QwenCredential("a1", Now.AddSeconds(seconds), "r1", new Uri("https://old.example/v1"));
    }
}
