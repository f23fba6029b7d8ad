using System.Security.Cryptography;
using System.Text;

namespace Connectors.Qwen.Credentials;

/// <summary>A proof that the one who polls is the one who asked (RFC 7636, method S256).</summary>
internal readonly record struct Pkce(string Verifier, string Challenge)
{
    public const string Method = "S256";

    public static Pkce Create()
    {
        return From(RandomNumberGenerator.GetBytes(32));
    }

    public static Pkce From(ReadOnlySpan<byte> secret)
    {
        var verifier = Text(secret);
        return new Pkce(verifier, Text(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }

    /// <summary>Names neither: the verifier is a secret.</summary>
    public override string ToString()
    {
        return "PKCE " + Method;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
