namespace Connectors.Qwen.Testing;

/// <summary>An access token with its refresh token. Immutable.</summary>
public sealed class QwenIssuedToken
{
    internal QwenIssuedToken(string accessToken, string refreshToken, DateTimeOffset expiresAt, TimeSpan lifetime)
    {
        AccessToken = accessToken;
        RefreshToken = refreshToken;
        ExpiresAt = expiresAt;
        Lifetime = lifetime;
    }

    /// <summary>Gets the access token, sent as a bearer token.</summary>
    public string AccessToken { get; }

    /// <summary>Gets the refresh token.</summary>
    public string RefreshToken { get; }

    /// <summary>Gets the end of the access token by the simulator's clock, in UTC.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Gets how long the access token lives from the moment it was issued.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>Describes the token without revealing it.</summary>
    /// <returns>The end of the token.</returns>
    public override string ToString() => $"Simulated token, ends {ExpiresAt:O}";
}
