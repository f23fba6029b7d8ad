using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>The device grant of the simulator's token endpoint: pending, approved, denied, expired, too fast.</summary>
public sealed class DeviceGrantTests
{
    [Fact]
    public async Task Approved_IsAnsweredWithTokensThatWork_Once()
    {
        await using var plain = await PlainHttp.StartAsync();
        var (deviceCode, userCode) = await plain.BeginLoginAsync();

        await AssertErrorAsync(plain, deviceCode, 400, "authorization_pending");
        plain.Qwen.Devices.Approve(userCode);
        var (status, json) = await plain.PollAsync(deviceCode);

        Assert.Equal(200, status);
        Assert.Equal(
            ["access_token", "expires_in", "refresh_token", "resource_url", "token_type"],
            json.Select(static member => member.Key).Order(StringComparer.Ordinal)
        );
        Assert.Equal("Bearer", (string)json["token_type"]!);
        Assert.Equal(3600, (int)json["expires_in"]!);
        Assert.Equal(plain.Qwen.Endpoint.AbsoluteUri, (string)json["resource_url"]!);
        Assert.Equal(200, await plain.ChatAsync((string)json["access_token"]!));
        Assert.Equal(200, (await plain.RefreshAsync((string)json["refresh_token"]!)).Status);
        Assert.Empty(plain.Qwen.Devices.PendingUserCodes);
        await AssertErrorAsync(plain, deviceCode, 400, "invalid_grant");
    }

    [Fact]
    public async Task Pending_HasNothingButTheError()
    {
        await using var plain = await PlainHttp.StartAsync(static options => options.IncludeResourceUrl = false);
        var (deviceCode, userCode) = await plain.BeginLoginAsync();

        var (_, pending) = await plain.PollAsync(deviceCode);
        plain.Qwen.Devices.Approve(userCode);
        var (_, granted) = await plain.PollAsync(deviceCode);

        Assert.Equal("""{"error":"authorization_pending"}""", pending.ToJsonString());
        Assert.False(granted.ContainsKey("resource_url"));
    }

    [Fact]
    public async Task Denied_StaysDenied()
    {
        await using var plain = await PlainHttp.StartAsync(static options => options.AutoApproveAfterPolls = 0);
        var (deviceCode, userCode) = await plain.BeginLoginAsync();

        plain.Qwen.Devices.Deny(userCode);

        await AssertErrorAsync(plain, deviceCode, 400, "access_denied");
        await AssertErrorAsync(plain, deviceCode, 400, "access_denied");
    }

    [Fact]
    public async Task Expired_ByThePersonOrByTheClock()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var plain = await PlainHttp.StartAsync(options => options.TimeProvider = time);
        var (first, firstUserCode) = await plain.BeginLoginAsync();
        var (second, secondUserCode) = await plain.BeginLoginAsync();

        Assert.Equal([firstUserCode, secondUserCode], plain.Qwen.Devices.PendingUserCodes);
        plain.Qwen.Devices.Expire(firstUserCode);
        await AssertErrorAsync(plain, first, 400, "expired_token");
        time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        await AssertErrorAsync(plain, second, 400, "authorization_pending");
        time.Advance(TimeSpan.FromSeconds(1));
        await AssertErrorAsync(plain, second, 400, "expired_token");

        Assert.Empty(plain.Qwen.Devices.PendingUserCodes);
        Assert.Throws<InvalidOperationException>(() => plain.Qwen.Devices.Approve(secondUserCode));
        Assert.Throws<ArgumentException>(() => plain.Qwen.Devices.Deny("ABCD-EFGH"));
    }

    [Fact]
    public async Task AutoApproval_FinishesALoginWithoutAPerson()
    {
        await using var plain = await PlainHttp.StartAsync(static options => options.AutoApproveAfterPolls = 2);
        var (deviceCode, _) = await plain.BeginLoginAsync();

        await AssertErrorAsync(plain, deviceCode, 400, "authorization_pending");
        await AssertErrorAsync(plain, deviceCode, 400, "authorization_pending");
        Assert.Equal(200, (await plain.PollAsync(deviceCode)).Status);
    }

    [Theory, InlineData(429), InlineData(400)]
    public async Task TooFast_IsToldToSlowDown(int status)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var plain = await PlainHttp.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.DevicePollInterval = TimeSpan.FromSeconds(5);
            options.DeviceSlowDownStatus = status;
            options.AutoApproveAfterPolls = 1;
        });
        var (deviceCode, _) = await plain.BeginLoginAsync();

        await AssertErrorAsync(plain, deviceCode, 400, "authorization_pending");
        time.Advance(TimeSpan.FromSeconds(4));
        await AssertErrorAsync(plain, deviceCode, status, "slow_down");
        time.Advance(TimeSpan.FromSeconds(4));
        await AssertErrorAsync(plain, deviceCode, status, "slow_down");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await plain.PollAsync(deviceCode)).Status);
    }

    [Theory, InlineData(429), InlineData(400)]
    public async Task SlowDown_CanBeScripted(int status)
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.TokenScript.Enqueue(QwenBehavior.TokenError(status, "slow_down"));
        var (deviceCode, _) = await plain.BeginLoginAsync();

        await AssertErrorAsync(plain, deviceCode, status, "slow_down");
        await AssertErrorAsync(plain, deviceCode, 400, "authorization_pending");
    }

    [Fact]
    public async Task LostAnswer_UsesTheDeviceCode()
    {
        await using var plain = await PlainHttp.StartAsync();
        var (deviceCode, userCode) = await plain.BeginLoginAsync();
        plain.Qwen.Devices.Approve(userCode);
        plain.Qwen.TokenScript.Enqueue(QwenBehavior.ResetBeforeHeaders(), QwenBehavior.LoseAnswer());

        await Assert.ThrowsAsync<HttpRequestException>(() => plain.PollAsync(deviceCode));
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.PollAsync(deviceCode));

        await AssertErrorAsync(plain, deviceCode, 400, "invalid_grant");
    }

    [Theory]
    [InlineData("client_id", null, "invalid_request")]
    [InlineData("device_code", null, "invalid_request")]
    [InlineData("code_verifier", null, "invalid_request")]
    [InlineData("grant_type", null, "invalid_request")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("client_id", "somebody-else", "invalid_grant")]
    [InlineData("device_code", "device-unknown", "invalid_grant")]
    [InlineData("code_verifier", "another-verifier-of-forty-three-characters-01", "invalid_grant")]
    public async Task WrongField_IsRefusedAndTheCodeStillWorks(string field, string? value, string error)
    {
        await using var plain = await PlainHttp.StartAsync();
        var (deviceCode, userCode) = await plain.BeginLoginAsync();
        plain.Qwen.Devices.Approve(userCode);
        var fields = PlainHttp.PollFields(deviceCode);
        fields.Remove(field);
        if (value is not null)
        {
            fields[field] = value;
        }

        var (status, json) = await plain.PostFormAsync(plain.Qwen.TokenEndpoint, fields);

        Assert.Equal(400, status);
        Assert.Equal(error, (string)json["error"]!);
        Assert.False(string.IsNullOrEmpty((string?)json["error_description"]));
        Assert.Equal(200, (await plain.PollAsync(deviceCode)).Status);
    }

    [Fact]
    public async Task ManyPollsAtOnce_GrantOnce()
    {
        await using var plain = await PlainHttp.StartAsync(static options => options.AutoApproveAfterPolls = 0);
        var (deviceCode, _) = await plain.BeginLoginAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => plain.PollAsync(deviceCode)));

        Assert.Single(answers, static answer => answer.Status == 200);
        Assert.All(
            answers.Where(static answer => answer.Status != 200),
            static answer => Assert.Equal("invalid_grant", (string)answer.Json["error"]!)
        );
    }

    private static async Task AssertErrorAsync(PlainHttp plain, string deviceCode, int expectedStatus, string error)
    {
        var (status, json) = await plain.PollAsync(deviceCode);
        Assert.Equal(expectedStatus, status);
        Assert.Equal(error, (string)json["error"]!);
    }
}
