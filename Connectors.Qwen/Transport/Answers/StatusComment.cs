using System.Buffers.Text;

namespace Connectors.Qwen.Transport;

/// <summary>
/// The HTTP status that the native API writes as a comment of an event (<c>:HTTP_STATUS/400</c>): the event parser passes over comments.
/// </summary>
internal sealed class StatusComment
{
    private const int Digits = 3;

    // The last bytes of the read before: a comment may lie across the border. A body begins with a line of its own.
    private readonly byte[] _end = new byte[Mark.Length + Digits - 1];
    private int _kept = 1;

    public StatusComment()
    {
        _end[0] = (byte)'\n';
    }

    // In JSON a line break is escaped, so that an answer cannot say this.
    private static ReadOnlySpan<byte> Mark => "\n:HTTP_STATUS/"u8;

    /// <summary>The last status that came; null before the first.</summary>
    public int? Status { get; private set; }

    public void Read(ReadOnlySpan<byte> bytes)
    {
        Span<byte> border = stackalloc byte[2 * _end.Length];
        _end.AsSpan(0, _kept).CopyTo(border);
        var added = Math.Min(bytes.Length, _end.Length);
        bytes[..added].CopyTo(border[_kept..]);
        border = border[..(_kept + added)];
        Find(border);
        Find(bytes);

        var end = bytes.Length >= _end.Length ? bytes : border;
        _kept = Math.Min(end.Length, _end.Length);
        end[^_kept..].CopyTo(_end);
    }

    private void Find(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.LastIndexOf(Mark);
        if (
            at >= 0
            && bytes[(at + Mark.Length)..] is { Length: >= Digits } rest
            && Utf8Parser.TryParse(rest[..Digits], out int status, out var read)
            && read == Digits
        )
        {
            Status = status;
        }
    }
}
