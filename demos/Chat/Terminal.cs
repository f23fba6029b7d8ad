using Spectre.Console;

namespace Connectors.Qwen.Demos.Chat;

/// <summary>Whether anybody is looking.</summary>
internal static class Terminal
{
    /// <remarks>NO_COLOR is not asked here: it takes the colours away, not the person. Spectre.Console obeys it.</remarks>
    public static bool HasPerson(IReadOnlyCapabilities capabilities)
    {
        return !Console.IsInputRedirected
            && !Console.IsOutputRedirected
            && Environment.GetEnvironmentVariable("TERM") != "dumb"
            && capabilities is { Ansi: true, Interactive: true };
    }
}
