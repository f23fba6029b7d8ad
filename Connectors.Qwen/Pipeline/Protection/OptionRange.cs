using System.Numerics;
using System.Runtime.CompilerServices;

namespace Connectors.Qwen.Pipeline;

/// <summary>Checks of options: the exception names the option and its range.</summary>
internal static class OptionRange
{
    /// <exception cref="ArgumentOutOfRangeException">The value is outside; a NaN always is.</exception>
    public static void Check<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : INumber<T>
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is between {least} and {most}.");
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is not more than zero, and not infinite.</exception>
    public static void CheckClock(TimeSpan value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                "A clock is more than zero, or Timeout.InfiniteTimeSpan to switch it off."
            );
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is outside.</exception>
    public static void Check(
        TimeSpan value,
        TimeSpan least,
        TimeSpan most,
        [CallerArgumentExpression(nameof(value))] string name = ""
    )
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is between {least} and {most}.");
        }
    }
}
