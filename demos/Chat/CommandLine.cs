namespace Connectors.Qwen.Demos.Chat;

/// <summary>What was asked for on the command line.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        qwen-chat: a short tour of Connectors.Qwen, then a prompt

        Usage: qwen-chat [options]

          --replay FILE    show a recording as a person would see it: one chunk's JSON per line,
                           an SSE file with data: lines, or one completion as JSON
          --plain          plain text and no prompt, as when input or output is redirected
          --model MODEL    the model to ask; the default is qwen3-max
          --endpoint URL   the base address of the real service; the default is Beijing's
          --help           this text

        With DASHSCOPE_API_KEY in the environment it talks to the real service,
        without it to a simulator that it starts in its own process.

        Exit codes: 0 all answers complete, 1 an answer was lost or incomplete,
                    2 wrong arguments, 130 ended by Ctrl+C
        """;

    public bool WantsHelp { get; init; }

    public bool WantsPlain { get; init; }

    public string? ReplayFile { get; init; }

    public string? Model { get; init; }

    public Uri? Endpoint { get; init; }

    /// <exception cref="UsageException">The arguments cannot be understood or do not go together.</exception>
    public static CommandLine Parse(IEnumerable<string> arguments)
    {
        var line = new CommandLine();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            var (option, inline) = Split(argument);
            line = option switch
            {
                "--help" or "-h" or "-?" when inline is null => line with { WantsHelp = true },
                "--plain" when inline is null => line with { WantsPlain = true },
                "--replay" => line with { ReplayFile = Value(option, inline, rest) },
                "--model" => line with { Model = Value(option, inline, rest) },
                "--endpoint" => line with { Endpoint = Address(Value(option, inline, rest)) },
                _ => throw new UsageException($"Unknown argument: {argument}"),
            };
        }

        return line.ReplayFile is not null && (line.Model ?? (object?)line.Endpoint) is not null
            ? throw new UsageException("--replay asks no model: it does not go with --model or --endpoint.")
            : line;
    }

    private static (string Option, string? Inline) Split(string argument)
    {
        return argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=') is > 0 and var at
            ? (argument[..at], argument[(at + 1)..])
            : (argument, null);
    }

    private static string Value(string option, string? inline, Queue<string> rest)
    {
        var value = inline ?? (rest.TryDequeue(out var next) ? next : "");
        return value.Length > 0 && (inline is not null || !value.StartsWith("--", StringComparison.Ordinal))
            ? value
            : throw new UsageException($"{option} needs a value.");
    }

    private static Uri Address(string text)
    {
        return Uri.TryCreate(text, UriKind.Absolute, out var address)
            ? address
            : throw new UsageException($"--endpoint is not an address: {text}");
    }
}
