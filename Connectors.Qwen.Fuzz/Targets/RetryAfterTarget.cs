using System.Globalization;
using System.Text;
using Connectors.Qwen.Transport;

namespace Connectors.Qwen.Fuzz.Targets;

/// <summary>How long a server asks to wait: never negative, never beyond what a date can say, and plain seconds are those seconds.</summary>
/// <remarks>The input is three lines: the values of <c>retry-after-ms</c>, <c>Retry-After</c> and <c>Date</c>; an empty one is not sent.</remarks>
internal static class RetryAfterTarget
{
    public static void Run(byte[] input)
    {
        var lines = Encoding.Latin1.GetString(input).Split('\n', 3);
        using var response = new HttpResponseMessage();
        Add(response, "retry-after-ms", lines[0]);
        Add(response, "Retry-After", lines.ElementAtOrDefault(1));
        Add(response, "Date", lines.ElementAtOrDefault(2));

        var wait = ErrorAnswer.RetryAfter(response.Headers);

        Call.RetryAfter(wait);
        if (
            lines[0].Length == 0
            && lines is [_, { Length: > 0 and < 10 } seconds, ..]
            && seconds.All(char.IsAsciiDigit)
        )
        {
            var expected = TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));
            Guard.Check(wait == expected, $"'{seconds}' seconds are read as {wait}");
        }
    }

    private static void Add(HttpResponseMessage response, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
