using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A21: what the answer of the token server leaves out.</summary>
public sealed class MissingFieldTests
{
    [Theory, InlineData("\"\""), InlineData("\"soon\""), InlineData("null"), InlineData("-1"), InlineData("[]")]
    public async Task A21_LifeThatCannotBeRead_DoesNotCostTheToken(string expiresIn)
    {
        await using var setup = await Setup.StartAsync();
        var renewed = setup.Qwen.Tokens.Issue();
        setup.Qwen.TokenScript.Always(
            QwenBehavior.TokenResponse($$"""{"access_token":"{{renewed.AccessToken}}","expires_in":{{expiresIn}}}""")
        );
        var login = Setup.Credential(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));

        var response = await Ask.Async(setup.Pipeline(credentials: setup.Login(login)), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(renewed.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A21_OnlyAnAccessToken_TheRestIsKeptAndItLivesAnHour(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.RotateRefreshTokens = false;
        });
        using var file = new LoginFile();
        var old = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        file.Write(old, json => json["resource_url"] = setup.Qwen.Endpoint.AbsoluteUri);
        var renewed = setup.Qwen.Tokens.Issue(TimeSpan.FromHours(5));
        setup.Qwen.TokenScript.Enqueue(
            QwenBehavior.TokenResponse($$"""{"access_token":"{{renewed.AccessToken}}","refresh_token":""}""")
        );
        // No endpoint in the options: the login's own is used, and is still there after the renewal.
        var client = setup.FilePipeline(file.FilePath, time, static options => options.Endpoint = null);

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal(renewed.AccessToken, file.AccessToken);
        Assert.Equal(old.RefreshToken, file.RefreshToken);
        Assert.Equal(setup.Qwen.Endpoint.AbsoluteUri, (string?)file.Json["resource_url"]);
        Assert.Equal(time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds(), (long)file.Json["expiry_date"]!);

        // The documented life: before the end of the hour it is renewed, with the refresh token that was kept.
        time.Advance(TimeSpan.FromMinutes(59.6));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(
            [old.RefreshToken, old.RefreshToken],
            setup.Qwen.Journal.TokenRequests.Select(static one => one.Request.Form["refresh_token"])
        );
        Assert.NotEqual(renewed.AccessToken, setup.Qwen.Journal.Chats[^1].Token);
    }
}
