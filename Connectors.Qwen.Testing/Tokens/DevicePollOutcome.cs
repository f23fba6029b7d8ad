namespace Connectors.Qwen.Testing.Tokens;

/// <summary>What a poll of a device login came to.</summary>
internal enum DevicePollOutcome
{
    Granted,
    Pending,
    TooEarly,
    Denied,
    Expired,
    WrongVerifier,
    UnknownOrUsed,
}
