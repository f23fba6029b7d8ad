using System.Security.Cryptography;
using System.Text;

namespace Connectors.Qwen.Testing.Checks;

/// <summary>Proof of possession of RFC 7636, method S256.</summary>
internal static class Pkce
{
    private const int ChallengeLength = 43;
    private const int MinVerifierLength = 43;
    private const int MaxVerifierLength = 128;

    /// <summary>Whether a text can be a SHA-256 hash in base64url without padding.</summary>
    public static bool IsChallenge(string text) =>
        text.Length == ChallengeLength
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>Whether a verifier is well-formed and is what the challenge was made from.</summary>
    public static bool Matches(string verifier, string challenge) =>
        verifier.Length is >= MinVerifierLength and <= MaxVerifierLength
        && verifier.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~')
        && Challenge(verifier) == challenge;

    // Base64Url of the BCL is younger than the oldest framework here.
    private static string Challenge(string verifier) =>
        Convert
            .ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');
}
