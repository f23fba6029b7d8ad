using System.Buffers;

namespace Connectors.Qwen.Errors;

/// <summary>
/// Keeps the text that has arrived, for the day the stream breaks off. Pooled segments: text already kept is never
/// copied again, and a stream that ends well allocates nothing for it. Not thread-safe.
/// </summary>
internal sealed class PartialText : IDisposable
{
    private const int FirstSegment = 1024;
    private const int LargestSegment = 64 * 1024;

    private readonly List<char[]> _full = [];
    private char[] _segment = [];
    private int _used;

    /// <summary>The number of UTF-16 characters kept.</summary>
    public long Length { get; private set; }

    public void Append(string? text)
    {
        var rest = text.AsSpan();
        Length += rest.Length;
        while (!rest.IsEmpty)
        {
            if (_used == _segment.Length)
            {
                Grow();
            }

            var part = rest[..Math.Min(rest.Length, _segment.Length - _used)];
            part.CopyTo(_segment.AsSpan(_used));
            _used += part.Length;
            rest = rest[part.Length..];
        }
    }

    /// <summary>The text so far; null when there is none.</summary>
    public string? ToText()
    {
        return Length == 0
            ? null
            : string.Create(
                checked((int)Length),
                this,
                static (target, source) =>
                {
                    foreach (var segment in source._full)
                    {
                        segment.CopyTo(target);
                        target = target[segment.Length..];
                    }

                    source._segment.AsSpan(0, source._used).CopyTo(target);
                }
            );
    }

    public void Dispose()
    {
        foreach (var segment in _full)
        {
            ArrayPool<char>.Shared.Return(segment);
        }

        _full.Clear();
        if (_segment.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_segment);
            _segment = [];
        }

        _used = 0;
        Length = 0;
    }

    private void Grow()
    {
        var size = FirstSegment;
        if (_segment.Length > 0)
        {
            size = Math.Min(_segment.Length * 2, LargestSegment);
            _full.Add(_segment);
        }

        _segment = ArrayPool<char>.Shared.Rent(size);
        _used = 0;
    }
}
