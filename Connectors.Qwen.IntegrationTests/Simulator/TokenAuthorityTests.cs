namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>What the simulator's token authority counts and refuses.</summary>
public sealed class TokenAuthorityTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Reuses_CountRequestsWithABurnedRefreshToken(bool detects)
    {
        await using var plain = await PlainHttp.StartAsync(options => options.DetectRefreshTokenReuse = detects);
        var issued = plain.Qwen.Tokens.Issue();

        var (_, refreshed) = await plain.RefreshAsync(issued.RefreshToken);
        Assert.Equal(0, plain.Qwen.Tokens.RefreshTokenReuses);
        await plain.RefreshAsync(issued.RefreshToken);
        await plain.RefreshAsync(issued.RefreshToken);
        await plain.RefreshAsync("refresh-unknown");
        var (status, _) = await plain.RefreshAsync((string)refreshed["refresh_token"]!);

        Assert.Equal(2, plain.Qwen.Tokens.RefreshTokenReuses);
        Assert.Equal(detects ? 400 : 200, status);
    }

    [Fact]
    public async Task Reuses_DoNotCountWithdrawnTokens()
    {
        await using var plain = await PlainHttp.StartAsync();
        var issued = plain.Qwen.Tokens.Issue();
        plain.Qwen.Tokens.RevokeRefreshToken(issued.RefreshToken);

        Assert.Equal(400, (await plain.RefreshAsync(issued.RefreshToken)).Status);

        Assert.Equal(0, plain.Qwen.Tokens.RefreshTokenReuses);
    }

    [Fact]
    public async Task RejectsAllAccessTokens_MintingGoesOnAndTheApiSaysNo()
    {
        await using var plain = await PlainHttp.StartAsync();
        var issued = plain.Qwen.Tokens.Issue();

        plain.Qwen.Tokens.RejectsAllAccessTokens = true;
        var (status, refreshed) = await plain.RefreshAsync(issued.RefreshToken);
        var (minted, key) = await plain.MintAsync();

        Assert.Equal((200, 200), (status, minted));
        string[] tokens = [issued.AccessToken, (string)refreshed["access_token"]!, (string)key["token"]!];
        foreach (var token in tokens)
        {
            Assert.Equal(401, await plain.ChatAsync(token));
        }

        Assert.Equal(200, await plain.ChatAsync(Qwen.Testing.QwenSimulatorOptions.DefaultApiKey));
        plain.Qwen.Tokens.RejectsAllAccessTokens = false;
        foreach (var token in tokens)
        {
            Assert.Equal(200, await plain.ChatAsync(token));
        }
    }
}
