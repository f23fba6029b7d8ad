using System.Net;

namespace Connectors.Qwen.Credentials;

/// <summary>What an answer to a poll means.</summary>
internal enum DevicePoll
{
    /// <summary>The person is not done; ask again after the interval.</summary>
    Pending,

    /// <summary>Asked too often: the interval grows by 5 seconds for good.</summary>
    SlowDown,

    /// <summary>No usable answer: ask again, more slowly.</summary>
    Trouble,

    /// <summary>The login is there.</summary>
    Done,

    /// <summary>The person said no.</summary>
    Denied,

    /// <summary>The code has ended.</summary>
    Expired,

    /// <summary>The server will not go on with this login.</summary>
    Refused,
}

/// <summary>Reads the answers of a device login (RFC 8628, section 3.5, and how the vendor's server differs). Pure.</summary>
internal static class DevicePollPlan
{
    /// <summary>What the interval is when the server names none (RFC 8628), and by how much it grows.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MaxInterval = TimeSpan.FromMinutes(1);

    public static DevicePoll Read(HttpStatusCode status, TokenAnswer? answer)
    {
        return answer?.ErrorCode switch
        {
            "authorization_pending" => DevicePoll.Pending,
            // RFC 8628 says 400, the vendor's server 429.
            "slow_down" => DevicePoll.SlowDown,
            "access_denied" => DevicePoll.Denied,
            "expired_token" => DevicePoll.Expired,
            "server_error" or "temporarily_unavailable" => DevicePoll.Trouble,
            not null => DevicePoll.Refused,
            null => (int)status switch
            {
                < 300 when answer is { AccessToken.Length: > 0 } => DevicePoll.Done,
                < 300 when answer is { IsPending: true } => DevicePoll.Pending,
                // The vendor's server: the code is not known any more.
                401 => DevicePoll.Expired,
                408 or >= 500 => DevicePoll.Trouble,
                _ => DevicePoll.Refused,
            },
        };
    }

    /// <summary>How long to wait before the next poll.</summary>
    public static TimeSpan Next(TimeSpan interval, DevicePoll last)
    {
        var next =
            last == DevicePoll.SlowDown ? interval + Step
            : last == DevicePoll.Trouble ? interval * 2
            : interval;
        // A server that wants more than a minute gets it: slower is never faster.
        var most = interval > MaxInterval ? interval : MaxInterval;
        return next < most ? next : most;
    }
}
