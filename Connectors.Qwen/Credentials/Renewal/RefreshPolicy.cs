namespace Connectors.Qwen.Credentials;

/// <summary>What to do with a credential now.</summary>
internal enum RefreshDecision
{
    /// <summary>Send it.</summary>
    Use,

    /// <summary>Send it, and renew it behind the call: nobody waits.</summary>
    UseAndRefreshBehind,

    /// <summary>Renew it first; if that fails it may still be sent, since it has not ended.</summary>
    RefreshFirst,

    /// <summary>It has ended: without a renewal there is nothing to send.</summary>
    RefreshOrFail,
}

/// <summary>How early a credential is renewed: in the buffer before use, in the wider window ahead behind the calls.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Ahead">The window ahead.</param>
/// <param name="Share">Which part of the window ahead is used: those who share a login would all begin in the same moment.</param>
internal readonly record struct RefreshWindows(TimeSpan Buffer, TimeSpan Ahead, double Share = 1);

/// <summary>When a credential was obtained and ends, by the wall clock, and how long we have had it by a clock that nobody sets.</summary>
internal readonly record struct CredentialAge(DateTimeOffset? ObtainedAt, DateTimeOffset? ExpiresAt, TimeSpan Age)
{
    /// <summary>How long it was made to live; null when that cannot be known.</summary>
    public TimeSpan? Life =>
        ExpiresAt is { } end && ObtainedAt is { } obtained && end > obtained ? end - obtained : null;

    /// <summary>How long it has still to live: the less of what the wall clock and what its age say; null when it does not end.</summary>
    public TimeSpan? Left(DateTimeOffset now)
    {
        if (ExpiresAt is not { } end)
        {
            return null;
        }

        var byWall = end - now;
        return Life is { } life && life - Age < byWall ? life - Age : byWall;
    }
}

/// <summary>Whether a token is fresh, and when a failure may be its fault. Pure: no clock of its own.</summary>
internal static class RefreshPolicy
{
    /// <summary>
    /// A login is not renewed twice within this time: a fresh token that the server rejects, or a clock that jumps, would
    /// otherwise renew on each call. It is also the pause after a failed renewal of a token that still works.
    /// </summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>After a failed renewal of an ended token the next call within this time gets the same failure, not another request.</summary>
    public static readonly TimeSpan FailureEcho = TimeSpan.FromSeconds(1);

    /// <summary>A token that was accepted, or minted, this recently is not why a gateway times out.</summary>
    public static readonly TimeSpan Trusted = TimeSpan.FromSeconds(60);

    /// <summary>A login is renewed on the suspicion that a timeout was an ended token at most once in this time.</summary>
    public static readonly TimeSpan SuspicionInterval = TimeSpan.FromMinutes(10);

    public static RefreshDecision Decide(CredentialAge age, DateTimeOffset now, RefreshWindows windows)
    {
        if (age.Left(now) is not { } left)
        {
            return RefreshDecision.Use;
        }

        windows = Fit(windows, age.Life);
        return left > windows.Ahead && left > windows.Buffer ? RefreshDecision.Use
            : IsJustMinted(age) ? RefreshDecision.Use
            : left > windows.Buffer ? RefreshDecision.UseAndRefreshBehind
            : left > TimeSpan.Zero ? RefreshDecision.RefreshFirst
            : RefreshDecision.RefreshOrFail;
    }

    /// <summary>The least time between two renewals of a login whose tokens live this long.</summary>
    public static TimeSpan Interval(TimeSpan? life)
    {
        return life is { } known && known / 2 < Pause ? known / 2 : Pause;
    }

    /// <summary>
    /// Whether a gateway's timeout may really be an ended token (the seed's case): by what was known when the request was
    /// sent, it was in its buffer, of unknown end, or not accepted for a while, and not minted just before.
    /// </summary>
    /// <param name="age">The token, at the time of sending.</param>
    /// <param name="sentAt">The time of sending.</param>
    /// <param name="sinceAccepted">How long before the sending it was last accepted; null for never.</param>
    /// <param name="windows">How early it is renewed.</param>
    public static bool IsSuspect(
        CredentialAge age,
        DateTimeOffset sentAt,
        TimeSpan? sinceAccepted,
        RefreshWindows windows
    )
    {
        return age.Age >= Trusted
            && (
                age.Left(sentAt) is not { } left
                || left <= Fit(windows, age.Life).Buffer
                || sinceAccepted is not { } accepted
                || accepted > Trusted
            );
    }

    // Whatever a wall clock says that was set, or belongs to another machine: renewing once more would not make it fresher.
    private static bool IsJustMinted(CredentialAge age)
    {
        return age.Life is { } life && age.Age < Interval(life);
    }

    // Short-lived tokens would be renewed for ever if the windows were as long as their life.
    private static RefreshWindows Fit(RefreshWindows windows, TimeSpan? life)
    {
        var longest = life ?? TimeSpan.MaxValue;
        return new(Min(windows.Buffer, longest / 4), Min(windows.Ahead, longest / 2) * windows.Share);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b)
    {
        return a < b ? a : b;
    }
}
