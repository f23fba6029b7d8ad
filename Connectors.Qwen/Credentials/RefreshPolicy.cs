namespace Connectors.Qwen.Credentials;

/// <summary>What to do with a credential now.</summary>
internal enum RefreshDecision
{
    /// <summary>Send it.</summary>
    Use,

    /// <summary>Renew it first; if that fails for a passing reason it may still be sent.</summary>
    RefreshFirst,

    /// <summary>It has ended: without a renewal there is nothing to send.</summary>
    RefreshOrFail,
}

/// <summary>Whether a token is fresh. Pure: no clock of its own.</summary>
internal static class RefreshPolicy
{
    /// <summary>
    /// After a renewal a login is not renewed again for this long: a fresh token that the server rejects would otherwise
    /// renew on each call. It is also the pause after a failed renewal of a token that still works.
    /// </summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    public static RefreshDecision Decide(QwenCredential credential, DateTimeOffset now, TimeSpan buffer)
    {
        if (credential.ExpiresAt is not { } end)
        {
            return RefreshDecision.Use;
        }

        return now >= end ? RefreshDecision.RefreshOrFail
            : now >= end - Buffer(credential, end, buffer) ? RefreshDecision.RefreshFirst
            : RefreshDecision.Use;
    }

    /// <summary>Whether a rejected token may be exchanged, or was itself exchanged too recently to hope for better.</summary>
    public static bool MayReplace(QwenCredential rejected, DateTimeOffset now)
    {
        return rejected.ObtainedAt is not { } obtained || now - obtained >= Pause || now < obtained;
    }

    // Short-lived tokens would be renewed for ever if the buffer were as long as their life.
    private static TimeSpan Buffer(QwenCredential credential, DateTimeOffset end, TimeSpan buffer)
    {
        if (credential.ObtainedAt is not { } obtained)
        {
            return buffer;
        }

        var quarter = (end - obtained) / 4;
        return quarter < buffer ? quarter : buffer;
    }
}
