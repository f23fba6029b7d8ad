using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>A source of an ended login, with its store, its clock and its log in the test's hands.</summary>
public abstract class LoginSourceTest
{
    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    internal static readonly QwenCredential Other = new("b1", ManualTime.Begin.AddHours(1), "rb");

    internal readonly ManualTime _time = new();
    internal readonly RecordingLogger _log = new();
    internal readonly ScriptedStore _store = new(Logins.Ended());

    internal LoginSource Source(ScriptedHandler handler, QwenOAuthOptions? options = null)
    {
        return new LoginSource(
            options ?? new QwenOAuthOptions(),
            _store,
            handler.CreateClient(),
            _time,
            _log,
            () => 0.5
        );
    }

    internal Task<Renewal> RenewAsync(LoginSource source, bool isAhead = false)
    {
        return Guard.WaitAsync(
            source.RenewAsync(c => c.AccessToken != "a1" && c.ExpiresAt > _time.GetUtcNow(), isAhead, default)
        );
    }
}
