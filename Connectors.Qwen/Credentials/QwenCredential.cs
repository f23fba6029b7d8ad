using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Connectors.Qwen;

/// <summary>An API key or an access token, with what is known of its end. Immutable; thread-safe.</summary>
/// <remarks>Neither <see cref="ToString"/> nor the debugger shows the secrets.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class QwenCredential
{
    /// <summary>Creates a credential.</summary>
    /// <param name="accessToken">What goes into the <c>Authorization: Bearer</c> header; letters, digits and punctuation of ASCII.</param>
    /// <param name="expiresAt">When it ends; null when it does not, or not known.</param>
    /// <param name="refreshToken">What a new access token can be asked for with; null when it cannot be renewed.</param>
    /// <param name="endpoint">The base address it belongs to (<c>resource_url</c>); null when it names none.</param>
    /// <exception cref="ArgumentException">The access token is empty or holds a character that a header cannot carry.</exception>
    public QwenCredential(
        string accessToken,
        DateTimeOffset? expiresAt = null,
        string? refreshToken = null,
        Uri? endpoint = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(accessToken);
        foreach (var c in accessToken)
        {
            if (c is <= ' ' or > '~')
            {
                throw new ArgumentException(
                    "The key or token holds a space, a line break or a character outside ASCII. Was it copied in full, without quotes?",
                    nameof(accessToken)
                );
            }
        }

        AccessToken = accessToken;
        ExpiresAt = expiresAt;
        RefreshToken = refreshToken;
        Endpoint = endpoint;
    }

    /// <summary>The secret sent with each request.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string AccessToken { get; }

    /// <summary>The secret that renews it, if any.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? RefreshToken { get; }

    /// <summary>When the access token ends; null when it does not, or not known.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>The base address the token belongs to, if it names one.</summary>
    public Uri? Endpoint { get; }

    /// <summary>When it was obtained, where that is known: the length of its life decides how early it is renewed.</summary>
    public DateTimeOffset? ObtainedAt { get; init; }

    /// <summary>A short hash by which logs can tell two credentials apart without showing either.</summary>
    public string Fingerprint =>
        field ??= Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(AccessToken)).AsSpan(0, 4));

    /// <summary>The header value, made once: it is needed for each request.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal string HeaderValue => field ??= "Bearer " + AccessToken;

    /// <summary>Whether it is the same login, token by token.</summary>
    internal bool HasTokensOf(QwenCredential other)
    {
        return AccessToken == other.AccessToken && RefreshToken == other.RefreshToken;
    }

    /// <summary>This credential with the time it was obtained, unless it says so itself.</summary>
    internal QwenCredential WithBeginning(DateTimeOffset obtainedAt)
    {
        return ObtainedAt is null
            ? new QwenCredential(AccessToken, ExpiresAt, RefreshToken, Endpoint) { ObtainedAt = obtainedAt }
            : this;
    }

    /// <summary>Names the credential by its fingerprint and end.</summary>
    public override string ToString()
    {
        return ExpiresAt is { } end ? $"credential {Fingerprint}, ends {end:O}" : $"credential {Fingerprint}";
    }
}
