using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>The simulator's endpoint of temporary keys.</summary>
public sealed class TemporaryKeyTests
{
    [Theory, InlineData(null, 60), InlineData("1", 1), InlineData("1800", 1800)]
    public async Task Key_WorksUntilItsEnd(string? seconds, int lifetime)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_790_000_000));
        await using var plain = await PlainHttp.StartAsync(options => options.TimeProvider = time);

        var (status, json) = await plain.MintAsync(seconds is null ? null : "?expire_in_seconds=" + seconds);

        Assert.Equal(200, status);
        Assert.Equal(["token", "expires_at"], json.Select(static member => member.Key));
        var key = (string)json["token"]!;
        Assert.StartsWith("st-", key, StringComparison.Ordinal);
        Assert.Equal(1_790_000_000 + lifetime, (long)json["expires_at"]!);
        Assert.Equal(1, plain.Qwen.Tokens.TemporaryKeys);

        time.Advance(TimeSpan.FromSeconds(lifetime) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, await plain.ChatAsync(key));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(401, await plain.ChatAsync(key));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1801")]
    [InlineData("-1")]
    [InlineData("60.5")]
    [InlineData("")]
    [InlineData("99999999999")]
    public async Task Lifetime_OutOfRange_IsRefused(string seconds)
    {
        await using var plain = await PlainHttp.StartAsync();

        var (status, json) = await plain.MintAsync("?expire_in_seconds=" + seconds);

        AssertNative((status, json), 400, "InvalidParameter");
        Assert.Equal(0, plain.Qwen.Tokens.TemporaryKeys);
    }

    [Fact]
    public async Task Credential_MustBeAPermanentKey()
    {
        await using var plain = await PlainHttp.StartAsync();
        var temporary = (string)(await plain.MintAsync()).Json["token"]!;

        AssertNative(await plain.MintAsync(key: null), 401, "InvalidApiKey");
        foreach (var key in (string[])["sk-unknown", temporary, plain.Qwen.Tokens.Issue().AccessToken])
        {
            var refused = await plain.MintAsync(key: key);
            AssertNative(refused, 401, "InvalidApiKey");
            Assert.Equal("Invalid API-key provided.", (string)refused.Json["message"]!);
        }

        Assert.Equal(1, plain.Qwen.Tokens.TemporaryKeys);
    }

    [Fact]
    public async Task Key_OutlivesItsParent_AndCanBeEndedByTheTest()
    {
        await using var plain = await PlainHttp.StartAsync();
        var key = (string)(await plain.MintAsync()).Json["token"]!;

        plain.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);
        Assert.Equal(401, await plain.ChatAsync(QwenSimulatorOptions.DefaultApiKey));
        Assert.Equal(200, await plain.ChatAsync(key));
        AssertNative(await plain.MintAsync(), 401, "InvalidApiKey");

        plain.Qwen.Tokens.Expire(key);
        Assert.Equal(401, await plain.ChatAsync(key));
    }

    [Fact]
    public async Task Journal_ListsTheRequestsWithTheirQuery_AndNoSecretInItsText()
    {
        await using var plain = await PlainHttp.StartAsync();

        await plain.MintAsync("?expire_in_seconds=1800");

        var request = Assert.Single(plain.Qwen.Journal.TemporaryKeyRequests);
        Assert.Equal("1800", request.Request.Query["expire_in_seconds"]);
        Assert.Equal(QwenSimulatorOptions.DefaultApiKey, request.Token);
        Assert.Equal("", request.Body);
        Assert.DoesNotContain(
            QwenSimulatorOptions.DefaultApiKey,
            $"{request} {request.Request}",
            StringComparison.Ordinal
        );
        Assert.Empty(plain.Qwen.Journal.TokenRequests);
    }

    [Fact]
    public async Task Script_OfTheEndpoint_IsItsOwn()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.TemporaryKeyScript.Enqueue(
            QwenBehavior.NativeError(429, "Throttling.RateQuota", "Requests rate limit exceeded."),
            QwenBehavior.Status(503, "{}", "application/json"),
            QwenBehavior.ResetBeforeHeaders(),
            QwenBehavior.LoseAnswer()
        );

        AssertNative(await plain.MintAsync(), 429, "Throttling.RateQuota");
        Assert.Equal(503, (await plain.MintAsync()).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.MintAsync());
        Assert.Equal(0, plain.Qwen.Tokens.TemporaryKeys);
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.MintAsync());
        Assert.Equal(1, plain.Qwen.Tokens.TemporaryKeys);
    }

    [Fact]
    public async Task Silence_HoldsTheRequest()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.TemporaryKeyScript.Enqueue(QwenBehavior.Silence());

        var request = plain.MintAsync();
        await plain.Qwen.Journal.WaitForAsync(
            static exchange => exchange.State == QwenExchangeState.Silent,
            TestContext.Current.CancellationToken
        );
        await plain.Qwen.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => request);
    }

    private static void AssertNative((int Status, JsonObject Json) answer, int status, string code)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal(["code", "message", "request_id"], answer.Json.Select(static member => member.Key));
        Assert.Equal(code, (string)answer.Json["code"]!);
    }
}
