namespace Connectors.Qwen.UnitTests.Credentials.Keys;

public class ApiKeyCredentialProviderTests
{
    [Fact]
    public async Task GetCredentialAsync_Key_IsTheSameCredentialEachTime()
    {
        var provider = new ApiKeyCredentialProvider(" sk-key\n");

        var pending = provider.GetCredentialAsync();

        Assert.True(pending.IsCompletedSuccessfully);
        var credential = await pending;
        Assert.Equal(("sk-key", null), (credential.AccessToken, credential.RefreshToken));
        Assert.Null(credential.ExpiresAt);
        Assert.Same(credential, await provider.GetCredentialAsync());
    }

    [Fact]
    public async Task RenewCredentialAsync_Key_HasNoOther()
    {
        var provider = new ApiKeyCredentialProvider("sk-key");

        Assert.Null(await provider.RenewCredentialAsync(await provider.GetCredentialAsync()));
        Assert.Equal("sk-key", (await provider.RenewCredentialAsync(new QwenCredential("another")))?.AccessToken);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("two words")]
    public void Constructor_KeyThatCannotBeOne_IsRefused(string key)
    {
        Assert.Throws<ArgumentException>(() => new ApiKeyCredentialProvider(key));
    }
}
