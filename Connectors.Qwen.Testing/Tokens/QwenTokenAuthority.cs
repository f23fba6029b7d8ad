using Connectors.Qwen.Testing.Answers;

namespace Connectors.Qwen.Testing;

/// <summary>Issues, refreshes and withdraws the tokens and keys, temporary ones included, that the simulator accepts.</summary>
/// <remarks>Thread-safe. The tokens are made up from a counter: a simulator issues the same ones in each run.</remarks>
public sealed class QwenTokenAuthority
{
    private readonly object _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _lifetime;
    private readonly bool _rotates;
    private readonly bool _detectsReuse;
    private readonly HashSet<string> _apiKeys;
    private readonly Dictionary<string, DateTimeOffset> _accessTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RefreshGrant> _refreshTokens = new(StringComparer.Ordinal);
    private int _issued;
    private int _logins;
    private int _refreshes;
    private int _reuses;
    private int _temporaryKeys;
    private volatile bool _rejectsAllAccessTokens;

    internal QwenTokenAuthority(QwenSimulatorOptions options)
    {
        _timeProvider = options.TimeProvider;
        _lifetime = options.TokenLifetime;
        _rotates = options.RotateRefreshTokens;
        _detectsReuse = options.DetectRefreshTokenReuse;
        _apiKeys = new HashSet<string>(options.ApiKeys, StringComparer.Ordinal);
    }

    /// <summary>Gets how many refreshes have succeeded.</summary>
    public int Refreshes => Volatile.Read(ref _refreshes);

    /// <summary>Gets how many requests presented a refresh token that a rotation had burned.</summary>
    /// <remarks>
    /// Counted whether or not <see cref="QwenSimulatorOptions.DetectRefreshTokenReuse"/> is on. Zero is what a client should reach:
    /// with a server that detects reuse, each one logs the user out.
    /// </remarks>
    public int RefreshTokenReuses => Volatile.Read(ref _reuses);

    /// <summary>Gets how many temporary keys have been minted, those included whose answer was lost.</summary>
    public int TemporaryKeys => Volatile.Read(ref _temporaryKeys);

    /// <summary>
    /// Gets or sets a value indicating whether the chat endpoint answers 401 to every access token and temporary key, also to those
    /// still to come: the token server says yes, the API says no.
    /// </summary>
    /// <value>The default is <see langword="false"/>. Static API keys are not concerned, and minting goes on.</value>
    public bool RejectsAllAccessTokens
    {
        get => _rejectsAllAccessTokens;
        set => _rejectsAllAccessTokens = value;
    }

    /// <summary>Issues a new pair of tokens, as a fresh login would.</summary>
    /// <param name="lifetime">
    /// How long the access token lives by the simulator's clock; <see cref="QwenSimulatorOptions.TokenLifetime"/> when
    /// <see langword="null"/>. Zero or less issues a token that has already ended.
    /// </param>
    /// <returns>The pair.</returns>
    public QwenIssuedToken Issue(TimeSpan? lifetime = null)
    {
        lock (_gate)
        {
            return Mint_NeedsLock(lifetime ?? _lifetime, ++_logins, refreshToken: null);
        }
    }

    /// <summary>
    /// Ends an access token or temporary key early: from now on it is answered with 401, whatever end the client was told.
    /// </summary>
    /// <param name="accessToken">An access token or temporary key of this simulator.</param>
    /// <exception cref="ArgumentException">This simulator never issued the token.</exception>
    public void Expire(string accessToken)
    {
        lock (_gate)
        {
            ThrowIfUnknown(_accessTokens.ContainsKey(accessToken), nameof(accessToken));
            _accessTokens[accessToken] = DateTimeOffset.MinValue;
        }
    }

    /// <summary>Withdraws a refresh token: presenting it is answered with 400 <c>invalid_grant</c>.</summary>
    /// <param name="refreshToken">A refresh token of this simulator.</param>
    /// <exception cref="ArgumentException">This simulator never issued the token.</exception>
    public void RevokeRefreshToken(string refreshToken)
    {
        lock (_gate)
        {
            ThrowIfUnknown(_refreshTokens.ContainsKey(refreshToken), nameof(refreshToken));
            _refreshTokens[refreshToken].IsAlive = false;
        }
    }

    /// <summary>Accepts one more static API key.</summary>
    /// <param name="apiKey">The key.</param>
    /// <exception cref="ArgumentException">The key is <see langword="null"/> or empty.</exception>
    public void AcceptApiKey(string apiKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(apiKey);
        lock (_gate)
        {
            _apiKeys.Add(apiKey);
        }
    }

    /// <summary>Accepts a static API key no longer. A key that was never accepted is ignored.</summary>
    /// <param name="apiKey">The key.</param>
    /// <remarks>Temporary keys minted with it live on until their own end, as with the service.</remarks>
    public void RevokeApiKey(string apiKey)
    {
        lock (_gate)
        {
            _apiKeys.Remove(apiKey);
        }
    }

    internal bool Accepts(string credential)
    {
        lock (_gate)
        {
            return _apiKeys.Contains(credential)
                || (
                    !_rejectsAllAccessTokens
                    && _accessTokens.TryGetValue(credential, out var end)
                    && _timeProvider.GetUtcNow() < end
                );
        }
    }

    /// <summary>Whether a credential may mint temporary keys: only permanent keys may.</summary>
    internal bool AcceptsPermanentKey(string credential)
    {
        lock (_gate)
        {
            return _apiKeys.Contains(credential);
        }
    }

    /// <summary>Mints a temporary key, which the chat endpoint accepts until its end.</summary>
    internal (string Key, DateTimeOffset End) MintTemporaryKey(TimeSpan lifetime)
    {
        lock (_gate)
        {
            var key = "st-" + MadeUpId.Hex($"temporary key {++_temporaryKeys}", 40);
            var end = _timeProvider.GetUtcNow() + lifetime;
            _accessTokens.Add(key, end);
            return (key, end);
        }
    }

    /// <summary>Refreshes; <see langword="null"/> when the refresh token is unknown, burned or withdrawn.</summary>
    internal QwenIssuedToken? Refresh(string refreshToken)
    {
        lock (_gate)
        {
            if (!_refreshTokens.TryGetValue(refreshToken, out var grant))
            {
                return null;
            }

            if (!grant.IsAlive)
            {
                _reuses += grant.IsBurned ? 1 : 0;
                RevokeFamily_NeedsLock(grant);
                return null;
            }

            if (_rotates)
            {
                grant.IsAlive = false;
                grant.IsBurned = true;
            }

            _refreshes++;
            return Mint_NeedsLock(_lifetime, grant.Login, _rotates ? null : refreshToken);
        }
    }

    private static void ThrowIfUnknown(bool isKnown, string parameter)
    {
        if (!isKnown)
        {
            // The message never carries the token: it may be a real one, passed by mistake.
            throw new ArgumentException("This simulator never issued that token.", parameter);
        }
    }

    private QwenIssuedToken Mint_NeedsLock(TimeSpan lifetime, int login, string? refreshToken)
    {
        var number = ++_issued;
        var end = _timeProvider.GetUtcNow() + lifetime;
        var accessToken = "access-" + MadeUpId.Hex($"access token {number}", 40);
        _accessTokens.Add(accessToken, end);
        if (refreshToken is null)
        {
            refreshToken = "refresh-" + MadeUpId.Hex($"refresh token {number}", 40);
            _refreshTokens.Add(refreshToken, new RefreshGrant { Login = login });
        }

        return new QwenIssuedToken(accessToken, refreshToken, end, lifetime);
    }

    private void RevokeFamily_NeedsLock(RefreshGrant presented)
    {
        if (!_detectsReuse || !presented.IsBurned)
        {
            return;
        }

        foreach (var grant in _refreshTokens.Values)
        {
            grant.IsAlive &= grant.Login != presented.Login;
        }
    }

    /// <summary>What is known of one refresh token.</summary>
    private sealed class RefreshGrant
    {
        public required int Login { get; init; }

        public bool IsAlive { get; set; } = true;

        public bool IsBurned { get; set; }
    }
}
