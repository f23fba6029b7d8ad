namespace Connectors.Qwen.Credentials;

/// <summary>Why a credential is renewed.</summary>
internal enum RenewalReason
{
    FirstUse,
    AheadOfItsEnd,
    AboutToEnd,
    Expired,
    Rejected,
    Suspected,
}

/// <summary>How logs and metrics say it.</summary>
internal static class RenewalReasons
{
    public static string Text(this RenewalReason reason)
    {
        return reason switch
        {
            RenewalReason.FirstUse => "first use",
            RenewalReason.AheadOfItsEnd => "ahead of its end",
            RenewalReason.AboutToEnd => "about to end",
            RenewalReason.Expired => "expired",
            RenewalReason.Rejected => "rejected by the server",
            _ => "suspected after a timeout",
        };
    }
}
