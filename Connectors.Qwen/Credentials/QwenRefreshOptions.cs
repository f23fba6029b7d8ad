using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>How early a credential that ends is renewed, and how long that may take.</summary>
/// <remarks>Read when a provider is created; later changes have no effect. Not thread-safe.</remarks>
public class QwenRefreshOptions
{
    /// <summary>How long before its end a credential is renewed before use. Zero or more, at most a day.</summary>
    /// <value>The default is 30 seconds; a quarter of its life where that is less.</value>
    public TimeSpan RefreshBuffer { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long before its end a credential is renewed behind the calls that still use it, so that none of them waits. At most a day; zero
    /// switches that off.
    /// </summary>
    /// <value>The default is 5 minutes; half of its life where that is less. Each credential takes up to a fifth off at random, so that
    /// those who share one do not all begin at once.</value>
    public TimeSpan RefreshAhead { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest a single request for a new credential may take. More than zero, at most a day.</summary>
    /// <value>The default is 5 seconds. With a <see cref="FileCredentialStore"/> more has no effect: its lock is held no longer.</value>
    public TimeSpan RefreshTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal Credentials.RefreshWindows Windows => new(RefreshBuffer, RefreshAhead);

    /// <summary>A checked copy: what the owner of the options does later has no effect.</summary>
    internal T Freeze<T>()
        where T : QwenRefreshOptions
    {
        Faults().ThrowIfAny();
        return (T)MemberwiseClone();
    }

    internal virtual OptionFaults Faults()
    {
        return new OptionFaults()
            .AtLeast(RefreshBuffer, TimeSpan.Zero)
            .AtLeast(RefreshAhead, TimeSpan.Zero)
            .Range(RefreshTimeout, TimeSpan.FromTicks(1), TimeSpan.FromDays(1));
    }
}
