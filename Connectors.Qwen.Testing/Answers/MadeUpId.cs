using System.Security.Cryptography;
using System.Text;

namespace Connectors.Qwen.Testing.Answers;

/// <summary>Ids that look like the service's and are the same in every run.</summary>
internal static class MadeUpId
{
    public static string Hex(string seed, int length) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(seed)))[..length].ToLowerInvariant();

    public static string Uuid(string seed)
    {
        var hex = Hex(seed, 32);
        return $"{hex[..8]}-{hex[8..12]}-9{hex[13..16]}-9{hex[17..20]}-{hex[20..]}";
    }
}
