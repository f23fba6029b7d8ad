namespace Connectors.Qwen.Demos.Chat;

/// <summary>What the program tells the shell; the usage text lists them.</summary>
internal static class ExitCodes
{
    public const int Complete = 0;
    public const int Lost = 1;
    public const int WrongArguments = 2;

    /// <summary>What shells expect of a program that Ctrl+C ended: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
