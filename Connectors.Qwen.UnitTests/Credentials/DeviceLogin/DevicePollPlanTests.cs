using System.Net;
using System.Text.Json;
using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.DeviceLogin;

public class DevicePollPlanTests
{
    public static TheoryData<int, string?, string> Answers =>
        new()
        {
            { 200, """{"access_token":"a"}""", "Done" },
            { 200, """{"status":"pending"}""", "Pending" },
            { 200, """{"status":"success","access_token":"a"}""", "Done" },
            { 200, """{"status":42}""", "Refused" },
            { 200, "{}", "Refused" },
            { 200, null, "Refused" },
            { 200, """{"access_token":""}""", "Refused" },
            { 400, """{"error":"authorization_pending"}""", "Pending" },
            { 200, """{"error":"authorization_pending"}""", "Pending" },
            { 400, """{"error":"slow_down"}""", "SlowDown" },
            { 429, """{"error":"slow_down"}""", "SlowDown" },
            { 400, """{"error":"access_denied"}""", "Denied" },
            { 400, """{"error":"expired_token"}""", "Expired" },
            { 401, """{"error":"expired_token"}""", "Expired" },
            { 401, null, "Expired" },
            { 401, "{}", "Expired" },
            { 400, """{"error":"invalid_grant"}""", "Refused" },
            { 401, """{"error":"invalid_client"}""", "Refused" },
            { 400, """{"error":42}""", "Refused" },
            { 403, null, "Refused" },
            { 302, null, "Refused" },
            // Not a success, whatever it holds.
            { 300, """{"access_token":"a"}""", "Refused" },
            { 300, """{"status":"pending"}""", "Refused" },
            { 408, null, "Trouble" },
            { 500, null, "Trouble" },
            { 503, "{}", "Trouble" },
            { 500, """{"error":"server_error"}""", "Trouble" },
            { 400, """{"error":"temporarily_unavailable"}""", "Trouble" },
            // An error is an error, whatever is beside it.
            { 200, """{"access_token":"a","error":"access_denied"}""", "Denied" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public void A26_Read_Answer_IsWhatItMeans(int status, string? body, string expected)
    {
        var answer = body is null ? null : JsonSerializer.Deserialize(body, TokenJsonContext.Default.TokenAnswer);

        Assert.Equal(expected, DevicePollPlan.Read((HttpStatusCode)status, answer).ToString());
    }

    [Theory]
    [InlineData("Pending", 5, 5)]
    [InlineData("SlowDown", 5, 10)]
    [InlineData("SlowDown", 58, 60)]
    [InlineData("SlowDown", 60, 60)]
    [InlineData("Trouble", 5, 10)]
    [InlineData("Trouble", 40, 60)]
    // A server that wants more than a minute gets it.
    [InlineData("Pending", 90, 90)]
    public void A26_Next_Interval_Grows(string last, double interval, double expected)
    {
        var next = DevicePollPlan.Next(TimeSpan.FromSeconds(interval), Enum.Parse<DevicePoll>(last));

        Assert.Equal(TimeSpan.FromSeconds(expected), next);
    }

    [Theory]
    [InlineData("SlowDown")]
    [InlineData("Trouble")]
    public void A26_Next_LongInterval_NeverShrinks(string last)
    {
        var next = DevicePollPlan.Next(TimeSpan.FromSeconds(90), Enum.Parse<DevicePoll>(last));

        Assert.True(next >= TimeSpan.FromSeconds(90), $"{next}");
    }
}
