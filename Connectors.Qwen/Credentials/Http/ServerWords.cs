using System.Buffers;
using System.Net;

namespace Connectors.Qwen.Credentials;

/// <summary>What of a server's words may reach a message: codes and ids, never a text that could repeat what was sent.</summary>
internal static class ServerWords
{
    private const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
    );

    /// <summary>A status, and the code that came with it.</summary>
    public static string Said(HttpStatusCode status, string? code)
    {
        return code is null ? $"HTTP {(int)status}" : $"HTTP {(int)status}, {code}";
    }

    /// <summary>The code or id; null when it is none, or holds a secret of the request.</summary>
    public static string? Code(string? said, params ReadOnlySpan<string?> secrets)
    {
        if (string.IsNullOrEmpty(said) || said.Length > MaxLength || said.AsSpan().ContainsAnyExcept(Allowed))
        {
            return null;
        }

        foreach (var secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret) && said.Contains(secret, StringComparison.Ordinal))
            {
                return null;
            }
        }

        return said;
    }
}
