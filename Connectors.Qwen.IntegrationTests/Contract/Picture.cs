using System.Buffers.Binary;
using System.IO.Compression;

namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>Pictures of one colour, made and looked at.</summary>
internal static class Picture
{
    private static readonly byte[] Signature = [0x89, .. "PNG\r\n\u001a\n"u8];

    /// <summary>A square as a PNG.</summary>
    public static byte[] Square(int side, byte red, byte green, byte blue)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var row = 0; row < side; row++)
            {
                // No filter, then the row.
                zlib.WriteByte(0);
                for (var column = 0; column < side; column++)
                {
                    zlib.Write([red, green, blue]);
                }
            }
        }

        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, side);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), side);
        // Eight bits, three colours.
        (head[8], head[9]) = (8, 2);
        return [.. Signature, .. Part("IHDR"u8, head), .. Part("IDAT"u8, pixels.ToArray()), .. Part("IEND"u8, [])];
    }

    /// <summary>Says what a picture of <see cref="Square"/> shows.</summary>
    public static string Describe(byte[] png)
    {
        if (!png.AsSpan().StartsWith(Signature))
        {
            return "nothing that I can read";
        }

        var side = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16));
        // Behind the signature and the head: a length, a name, the pixels.
        using var pixels = new ZLibStream(new MemoryStream(png[41..]), CompressionMode.Decompress);
        var first = new byte[4];
        pixels.ReadExactly(first);
        var colour = first[1] > 200 ? "red" : "another colour than red";
        return $"a square of {side} pixels in {colour}";
    }

    private static byte[] Part(ReadOnlySpan<byte> name, byte[] content)
    {
        var part = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(part, content.Length);
        name.CopyTo(part.AsSpan(4));
        content.CopyTo(part, 8);
        BinaryPrimitives.WriteUInt32BigEndian(
            part.AsSpan(8 + content.Length),
            Checksum(part.AsSpan(4, 4 + content.Length))
        );
        return part;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) == 1 ? (sum >> 1) ^ 0xEDB88320 : sum >> 1;
            }
        }

        return ~sum;
    }
}
