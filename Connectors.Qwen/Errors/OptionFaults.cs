using System.Globalization;
using System.Runtime.CompilerServices;

namespace Connectors.Qwen.Errors;

/// <summary>What is wrong with one option.</summary>
/// <param name="Path">Its path below the options that were checked, for example <c>TimeoutRetry:MaxRetries</c>.</param>
/// <param name="Text">What was seen and what is allowed; goes on after the path. Never a secret.</param>
/// <param name="Seen">The value of a number or a duration.</param>
internal sealed record OptionFault(string Path, string Text, object? Seen)
{
    public override string ToString()
    {
        return $"{Path} {Text}";
    }
}

/// <summary>Collects what is wrong with options: all of it for a host that starts, the first for whoever makes a client. Not thread-safe.</summary>
internal sealed class OptionFaults
{
    private readonly List<OptionFault> _all = [];

    public IReadOnlyList<OptionFault> All => _all;

    public OptionFaults Add(string path, string text, object? seen = null)
    {
        _all.Add(new OptionFault(path, text, seen));
        return this;
    }

    /// <summary>A value that must lie between two; a NaN never does.</summary>
    public OptionFaults Range<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, IComparable<T>
    {
        return value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? this
            : Refuse(name, value, Invariant($"between {least} and {most}"));
    }

    /// <summary>A value that must not be below another.</summary>
    public OptionFaults AtLeast<T>(T value, T least, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, IComparable<T>
    {
        return value.CompareTo(least) >= 0 ? NotDays(value, name) : Refuse(name, value, Invariant($"{least} or more"));
    }

    /// <summary>A value that must be above another.</summary>
    public OptionFaults MoreThan<T>(T value, T bound, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, IComparable<T>
    {
        return value.CompareTo(bound) > 0 ? NotDays(value, name) : Refuse(name, value, Invariant($"more than {bound}"));
    }

    /// <summary>A time that must be more than zero, or infinite.</summary>
    public OptionFaults Clock(TimeSpan value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        return value == Timeout.InfiniteTimeSpan ? this
            : value > TimeSpan.Zero ? NotDays(value, name)
            : Refuse(
                name,
                value,
                $"more than zero, or Timeout.InfiniteTimeSpan ({Timeout.InfiniteTimeSpan:c}) to switch it off"
            );
    }

    /// <summary>A value that must be one of those of its type.</summary>
    public OptionFaults Known<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
    {
        return Enum.IsDefined(value) ? this : Refuse(name, value, "one of " + string.Join(", ", Enum.GetNames<T>()));
    }

    /// <summary>The faults of a part of the options.</summary>
    public OptionFaults Within(string name, OptionFaults? part)
    {
        if (part is null)
        {
            return Add(name, "is null. Leave it as it is for the defaults.");
        }

        _all.AddRange(part._all.Select(fault => fault with { Path = $"{name}:{fault.Path}" }));
        return this;
    }

    /// <exception cref="ArgumentException">There is a fault; the first is told.</exception>
    /// <param name="parameter">The parameter that held the options; null to name the option itself.</param>
    public void ThrowIfAny(string? parameter = null)
    {
        if (_all.Count == 0)
        {
            return;
        }

        var fault = _all[0];
        throw fault.Seen is { } seen
            ? new ArgumentOutOfRangeException(LastPart(fault.Path, ':'), seen, fault.ToString())
            : new ArgumentException(fault.ToString(), parameter ?? LastPart(fault.Path, ':'));
    }

    // Written as a bare number, seconds become days, and a clock never runs out.
    private OptionFaults NotDays<T>(T value, string name)
        where T : struct
    {
        return value is TimeSpan time && time > TimeSpan.FromDays(1)
            ? Refuse(name, value, "a day at most. A bare number means days: write 00:02:00 for two minutes")
            : this;
    }

    private OptionFaults Refuse<T>(string name, T value, string rule)
        where T : struct
    {
        return Add(LastPart(name, '.'), Invariant($"is {value}. It must be {rule}."), value);
    }

    private static string LastPart(string text, char separator)
    {
        return text[(text.LastIndexOf(separator) + 1)..];
    }

    private static string Invariant(FormattableString text)
    {
        return text.ToString(CultureInfo.InvariantCulture);
    }
}
