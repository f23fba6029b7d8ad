namespace Connectors.Qwen;

/// <summary>What a person has to be shown to log in: where to go and what to enter. Immutable.</summary>
public sealed class DeviceCodePrompt
{
    internal DeviceCodePrompt(
        string userCode,
        Uri verificationUri,
        Uri? verificationUriComplete,
        DateTimeOffset expiresAt
    )
    {
        UserCode = userCode;
        VerificationUri = verificationUri;
        VerificationUriComplete = verificationUriComplete;
        ExpiresAt = expiresAt;
    }

    /// <summary>The code to enter, to be shown as it is.</summary>
    public string UserCode { get; }

    /// <summary>The page on which it is entered; https, or loopback.</summary>
    public Uri VerificationUri { get; }

    /// <summary>The same page with the code filled in, for a link or a QR code; null when the server gives none.</summary>
    public Uri? VerificationUriComplete { get; }

    /// <summary>Until when the person has to have done it.</summary>
    public DateTimeOffset ExpiresAt { get; }
}
