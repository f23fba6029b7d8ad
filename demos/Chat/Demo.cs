using System.Text;
using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Prompting;
using Connectors.Qwen.Demos.Chat.Replays;
using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Demos.Chat.Side;
using Connectors.Qwen.Demos.Chat.Tours;
using Connectors.Qwen.Demos.Chat.Views;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Connectors.Qwen.Demos.Chat;

/// <summary>The whole program: puts the parts together and runs what was asked for.</summary>
internal sealed class Demo : IDisposable
{
    private const string DefaultModel = "qwen3-max";

    // Slow enough to be watched; nobody watches plain text.
    private static readonly TimeSpan WatchedPause = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan UnwatchedPause = TimeSpan.FromMilliseconds(1);

    private readonly CommandLine _line;
    private readonly IView _view;
    private readonly Interrupts _interrupts;
    private readonly PipelineNarrator _narrator = new();
    private readonly ILoggerFactory _loggers;
    private readonly AnswerPlayer _player;

    private Demo(CommandLine line)
    {
        _line = line;
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        var isWatched = !line.WantsPlain && Terminal.HasPerson(console.Profile.Capabilities);
        _view = isWatched ? new SpectreView(console, TimeProvider.System) : new PlainView(Console.Out);
        _interrupts = new Interrupts(isWatched ? () => console.Cursor.Show() : () => { });
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_narrator));
        _player = new AnswerPlayer(_narrator, TimeProvider.System);
    }

    private TimeSpan Pause => _view is IPromptView ? WatchedPause : UnwatchedPause;

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding.UTF8;
        }

        try
        {
            var line = CommandLine.Parse(arguments);
            if (line.WantsHelp)
            {
                await Console.Out.WriteLineAsync(CommandLine.Usage);
                return ExitCodes.Complete;
            }

            using var demo = new Demo(line);
            return line.ReplayFile is { } file ? await demo.ReplayAsync(file) : await demo.TourAsync();
        }
        catch (UsageException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}\n\n{CommandLine.Usage}".ReplaceLineEndings());
            return ExitCodes.WrongArguments;
        }
    }

    public void Dispose()
    {
        _interrupts.Dispose();
        _loggers.Dispose();
    }

    private async Task<int> ReplayAsync(string file)
    {
        var recording = RecordingReader.Read(file);
        var pause = _view is IPromptView ? Replay.Pause(recording) : TimeSpan.Zero;
        await using var service = await SimulatedService.StartAsync(DefaultModel, pause, _loggers);
        return await _interrupts.RunAsync(new Replay(recording, service, _player, _view).RunAsync);
    }

    private async Task<int> TourAsync()
    {
        await using var service = await StartServiceAsync();
        _view.Title("Connectors.Qwen: a chat client that does not lose answers", service.Description);
        var tour = new Tour(service, _player, _view);
        var exitCode = await _interrupts.RunAsync(cancellation => tour.RunAsync(Pause * 25, cancellation));
        if (_view is not IPromptView prompt)
        {
            return exitCode;
        }

        await new PromptLoop(service, _player, prompt, _interrupts).RunAsync();

        // Who ends the tour and then talks on has not interrupted the program.
        return exitCode == ExitCodes.Interrupted ? ExitCodes.Complete : exitCode;
    }

    private async Task<IQwenService> StartServiceAsync()
    {
        var model = _line.Model ?? DefaultModel;
        if (RealService.HasKey)
        {
            return new RealService(model, _line.Endpoint, _loggers, _narrator);
        }

        return _line.Endpoint is null
            ? await SimulatedService.StartAsync(model, Pause, _loggers)
            : throw new UsageException($"--endpoint needs a key: set {QwenClientOptions.ApiKeyVariable}.");
    }
}
