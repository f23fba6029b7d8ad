using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Tokens;

namespace Connectors.Qwen.Testing;

/// <summary>The person's side of device logins: sees the user codes, approves and denies.</summary>
/// <remarks>
/// A login begins at <see cref="QwenSimulator.DeviceCodeEndpoint"/> and is polled at <see cref="QwenSimulator.TokenEndpoint"/>; a
/// device code yields tokens once. User codes are compared ordinally. Thread-safe. The codes are made up from a counter: a
/// simulator hands out the same ones in each run.
/// </remarks>
/// <example>
/// <code>
/// // the client under test has begun a login and shows a code
/// qwen.Devices.Approve(Assert.Single(qwen.Devices.PendingUserCodes));
/// // its next poll is answered with tokens
/// </code>
/// </example>
public sealed class QwenDeviceAuthority
{
    // Letters that make no words, one for each hexadecimal digit (RFC 8628, section 6.1).
    private const string UserCodeLetters = "BCDFGHJKLMNPQRST";

    // A client that waits on a timer may come a little early by another clock; that is not what slow_down is about.
    private static readonly TimeSpan TimerTolerance = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _lifetime;
    private readonly TimeSpan? _interval;
    private readonly int? _autoApproveAfter;
    private readonly QwenTokenAuthority _tokens;
    private readonly List<DeviceLogin> _logins = [];

    internal QwenDeviceAuthority(QwenSimulatorOptions options, QwenTokenAuthority tokens)
    {
        _timeProvider = options.TimeProvider;
        _lifetime = options.DeviceCodeLifetime;
        _interval = options.DevicePollInterval;
        _autoApproveAfter = options.AutoApproveAfterPolls;
        _tokens = tokens;
    }

    /// <summary>Gets a snapshot of the user codes that wait for a decision, oldest first.</summary>
    public IReadOnlyList<string> PendingUserCodes
    {
        get
        {
            lock (_gate)
            {
                return [.. _logins.Where(IsOpen_NeedsLock).Select(login => login.UserCode)];
            }
        }
    }

    /// <summary>Approves a login: the next poll is answered with tokens.</summary>
    /// <param name="userCode">The code that the person was shown.</param>
    /// <exception cref="ArgumentException">This simulator never handed out the code.</exception>
    /// <exception cref="InvalidOperationException">The login has been decided already, or its time is over.</exception>
    public void Approve(string userCode) => Decide(userCode, login => login.State = DeviceLoginState.Approved);

    /// <summary>Denies a login: polls are answered <c>access_denied</c>.</summary>
    /// <param name="userCode">The code that the person was shown.</param>
    /// <exception cref="ArgumentException">This simulator never handed out the code.</exception>
    /// <exception cref="InvalidOperationException">The login has been decided already, or its time is over.</exception>
    public void Deny(string userCode) => Decide(userCode, login => login.State = DeviceLoginState.Denied);

    /// <summary>Ends a login before its time: polls are answered <c>expired_token</c>, whatever end the client was told.</summary>
    /// <param name="userCode">The code that the person was shown.</param>
    /// <exception cref="ArgumentException">This simulator never handed out the code.</exception>
    /// <exception cref="InvalidOperationException">The login has been decided already, or its time is over.</exception>
    public void Expire(string userCode) => Decide(userCode, login => login.End = DateTimeOffset.MinValue);

    internal DeviceLogin Begin(string clientId, string challenge)
    {
        lock (_gate)
        {
            var number = _logins.Count + 1;
            var login = new DeviceLogin
            {
                DeviceCode = "device-" + MadeUpId.Hex($"device code {number}", 40),
                UserCode = MakeUserCode(number),
                ClientId = clientId,
                Challenge = challenge,
                Lifetime = _lifetime,
                End = _timeProvider.GetUtcNow() + _lifetime,
            };
            _logins.Add(login);
            return login;
        }
    }

    /// <summary>Answers a poll; the token is there when it is granted.</summary>
    internal (DevicePollOutcome Outcome, QwenIssuedToken? Token) Poll(
        string deviceCode,
        string clientId,
        string verifier
    )
    {
        lock (_gate)
        {
            var login = _logins.Find(login => login.DeviceCode == deviceCode && login.ClientId == clientId);
            if (login is null or { State: DeviceLoginState.Used })
            {
                return (DevicePollOutcome.UnknownOrUsed, null);
            }

            var outcome = Judge_NeedsLock(login, verifier);
            if (outcome != DevicePollOutcome.Granted)
            {
                return (outcome, null);
            }

            login.State = DeviceLoginState.Used;
            return (outcome, _tokens.Issue());
        }
    }

    private static string MakeUserCode(int number)
    {
        var letters = string.Concat(MadeUpId.Hex($"user code {number}", 8).Select(ToLetter));
        return $"{letters[..4]}-{letters[4..]}";
    }

    private static char ToLetter(char digit) =>
        UserCodeLetters[char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10];

    private DevicePollOutcome Judge_NeedsLock(DeviceLogin login, string verifier)
    {
        if (!Pkce.Matches(verifier, login.Challenge))
        {
            return DevicePollOutcome.WrongVerifier;
        }

        if (_timeProvider.GetUtcNow() >= login.End)
        {
            return DevicePollOutcome.Expired;
        }

        if (IsTooEarly_NeedsLock(login))
        {
            return DevicePollOutcome.TooEarly;
        }

        if (login.State == DeviceLoginState.Pending && login.PendingPolls >= _autoApproveAfter)
        {
            login.State = DeviceLoginState.Approved;
        }

        switch (login.State)
        {
            case DeviceLoginState.Approved:
                return DevicePollOutcome.Granted;
            case DeviceLoginState.Denied:
                return DevicePollOutcome.Denied;
            default:
                login.PendingPolls++;
                return DevicePollOutcome.Pending;
        }
    }

    private bool IsTooEarly_NeedsLock(DeviceLogin login)
    {
        var now = _timeProvider.GetTimestamp();
        var last = login.LastPoll;
        login.LastPoll = now;
        return last is not null && _timeProvider.GetElapsedTime(last.Value, now) + TimerTolerance < _interval;
    }

    private bool IsOpen_NeedsLock(DeviceLogin login) =>
        login.State == DeviceLoginState.Pending && _timeProvider.GetUtcNow() < login.End;

    private void Decide(string userCode, Action<DeviceLogin> decide)
    {
        lock (_gate)
        {
            var login =
                _logins.Find(login => login.UserCode == userCode)
                ?? throw new ArgumentException("This simulator never handed out that user code.", nameof(userCode));
            if (!IsOpen_NeedsLock(login))
            {
                throw new InvalidOperationException("This device login has been decided already, or its time is over.");
            }

            decide(login);
        }
    }
}
