using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>The simulator's device-code endpoint: where a login begins.</summary>
public sealed class DeviceCodeTests
{
    [Fact]
    public async Task Request_IsAnsweredWithTheMembersOfTheService()
    {
        await using var plain = await PlainHttp.StartAsync();

        var (status, json) = await plain.PostFormAsync(plain.Qwen.DeviceCodeEndpoint, PlainHttp.DeviceFields());

        Assert.Equal(200, status);
        Assert.Equal(
            ["device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in"],
            json.Select(static member => member.Key)
        );
        var userCode = (string)json["user_code"]!;
        Assert.Matches("^[A-Z]{4}-[A-Z]{4}$", userCode);
        Assert.Equal(new Uri(plain.Qwen.BaseAddress, "device").AbsoluteUri, (string)json["verification_uri"]!);
        Assert.Equal($"{json["verification_uri"]}?user_code={userCode}", (string)json["verification_uri_complete"]!);
        Assert.Equal(900, (int)json["expires_in"]!);
        Assert.Equal([userCode], plain.Qwen.Devices.PendingUserCodes);
    }

    [Fact]
    public async Task Request_WithAnInterval_IsToldIt()
    {
        await using var plain = await PlainHttp.StartAsync(options =>
        {
            options.DevicePollInterval = TimeSpan.FromSeconds(7);
            options.DeviceCodeLifetime = TimeSpan.FromMinutes(2);
        });

        var (_, json) = await plain.PostFormAsync(plain.Qwen.DeviceCodeEndpoint, PlainHttp.DeviceFields());

        Assert.Equal(7, (int)json["interval"]!);
        Assert.Equal(120, (int)json["expires_in"]!);
    }

    [Theory]
    [InlineData("client_id", null)]
    [InlineData("scope", null)]
    [InlineData("code_challenge", null)]
    [InlineData("code_challenge_method", null)]
    [InlineData("client_id", "")]
    [InlineData("code_challenge_method", "plain")]
    [InlineData("code_challenge", "too-short")]
    [InlineData("code_challenge", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")]
    public async Task Request_WithAWrongField_IsRefusedAndBeginsNothing(string field, string? value)
    {
        await using var plain = await PlainHttp.StartAsync();
        var fields = PlainHttp.DeviceFields();
        fields.Remove(field);
        if (value is not null)
        {
            fields[field] = value;
        }

        var (status, json) = await plain.PostFormAsync(plain.Qwen.DeviceCodeEndpoint, fields);

        Assert.Equal(400, status);
        Assert.Equal("invalid_request", (string)json["error"]!);
        Assert.StartsWith(field, (string)json["error_description"]!, StringComparison.Ordinal);
        Assert.Empty(plain.Qwen.Devices.PendingUserCodes);
    }

    [Fact]
    public async Task Journal_ShowsTheFieldsOfEachRequest_AndNoSecretInItsText()
    {
        await using var plain = await PlainHttp.StartAsync();

        var (deviceCode, _) = await plain.BeginLoginAsync();
        await plain.PollAsync(deviceCode);

        var begun = Assert.Single(plain.Qwen.Journal.DeviceRequests);
        Assert.Equal(PlainHttp.DeviceFields(), begun.Request.Form);
        var poll = Assert.Single(plain.Qwen.Journal.TokenRequests);
        Assert.Equal(PlainHttp.PollFields(deviceCode), poll.Request.Form);
        Assert.All(
            plain.Qwen.Journal.Exchanges,
            exchange =>
            {
                Assert.DoesNotContain(deviceCode, $"{exchange} {exchange.Request}", StringComparison.Ordinal);
                Assert.DoesNotContain(PlainHttp.Verifier, $"{exchange} {exchange.Request}", StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public async Task Script_OfTheEndpoint_IsItsOwn()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.DeviceScript.Enqueue(
            QwenBehavior.Status(503, "{}", "application/json"),
            QwenBehavior.TokenResponse("""{"error":"invalid_client"}"""),
            QwenBehavior.ResetBeforeHeaders(),
            QwenBehavior.LoseAnswer()
        );

        Assert.Equal(503, (await plain.PostFormAsync(plain.Qwen.DeviceCodeEndpoint, PlainHttp.DeviceFields())).Status);
        Assert.Equal(200, (await plain.PostFormAsync(plain.Qwen.DeviceCodeEndpoint, PlainHttp.DeviceFields())).Status);
        await Assert.ThrowsAsync<HttpRequestException>(plain.BeginLoginAsync);
        Assert.Empty(plain.Qwen.Devices.PendingUserCodes);
        await Assert.ThrowsAsync<HttpRequestException>(plain.BeginLoginAsync);
        Assert.Single(plain.Qwen.Devices.PendingUserCodes);
        Assert.Equal(0, plain.Qwen.DeviceScript.Remaining);
    }

    [Fact]
    public async Task Silence_HoldsTheRequest()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.DeviceScript.Enqueue(QwenBehavior.Silence());

        var request = plain.BeginLoginAsync();
        await plain.Qwen.Journal.WaitForAsync(
            static exchange => exchange.State == QwenExchangeState.Silent,
            TestContext.Current.CancellationToken
        );
        await plain.Qwen.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => request);
    }

    [Fact]
    public async Task Options_OutOfTheirRange_AreRefused()
    {
        Action<QwenSimulatorOptions>[] mistakes =
        [
            static options => options.DeviceCodeLifetime = TimeSpan.Zero,
            static options => options.DevicePollInterval = TimeSpan.FromMilliseconds(500),
            static options => options.DevicePollInterval = TimeSpan.FromMilliseconds(1500),
            static options => options.DeviceSlowDownStatus = 503,
            static options => options.AutoApproveAfterPolls = -1,
        ];

        foreach (var mistake in mistakes)
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PlainHttp.StartAsync(mistake));
        }
    }
}
