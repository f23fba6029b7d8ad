using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Diagnostics;

/// <summary>What is logged of options and their changes. Event ids 5xx.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(
        501,
        LogLevel.Warning,
        "{Path} is no option of Connectors.Qwen that takes a value, so it has no effect. Known in its place: {Known}."
    )]
    public static partial void UnknownOption(this ILogger logger, string path, string known);

    [LoggerMessage(502, LogLevel.Information, "{Options} were read again; they hold from the next call on.")]
    public static partial void OptionsReloaded(this ILogger logger, string options);

    [LoggerMessage(
        503,
        LogLevel.Warning,
        "{Options} have changed and cannot be used; nothing of the change is, and those before stay: {Reason}"
    )]
    public static partial void ReloadRefused(this ILogger logger, string options, string reason);
}
