using Connectors.Qwen.Demos.Chat.Playing;
using Spectre.Console;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>The view for a person at a terminal.</summary>
internal sealed class SpectreView(IAnsiConsole console, TimeProvider time) : IPromptView
{
    private const int RoomyWidth = 100;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(60);

    // Room for the ^C that the terminal itself writes behind the last row: a line break there would shift a live display.
    private int ScreenWidth => Math.Max(20, console.Profile.Width - 3);

    public void Title(string title, string subtitle)
    {
        console.WriteLine();
        console.Write(new Rule(Markup.Escape(title)) { Justification = Justify.Left, Style = new Style(Color.Green) });
        Note(subtitle);
    }

    public void Heading(string number, string title, string story)
    {
        console.WriteLine();
        console.Write(
            new Rule($"[bold]{Markup.Escape($"{number}  {title}".Trim())}[/]")
            {
                Justification = Justify.Left,
                Style = new Style(Color.Grey),
            }
        );
        Note(story);
    }

    public async Task<PlayedAnswer> ShowAnswerAsync(string? question, Func<IAnswerSink, Task<PlayedAnswer>> play)
    {
        if (question is not null)
        {
            Write($"› {question}", new Style(Color.Yellow));
        }

        var screen = new AnswerScreen(time);
        var answer = await console
            .Live(Text.Empty)
            .AutoClear(true)
            .Overflow(VerticalOverflow.Crop)
            .StartAsync(async live =>
            {
                var playing = play(screen);
                while (!playing.IsCompleted)
                {
                    // The last row of the terminal stays free: writing there would scroll.
                    live.UpdateTarget(screen.Live(ScreenWidth, console.Profile.Height - 1));
                    await Task.WhenAny(playing, Task.Delay(Frame, time));
                }

                return await playing;
            });

        // The live display shows the end of a long answer only; what stays on the terminal is the whole.
        console.Write(screen.Final(ScreenWidth));
        return answer;
    }

    public void Verdict(string line, bool isGood)
    {
        Write($"{(isGood ? "✓" : "✗")} {line}", Colored(isGood));
    }

    public void Note(string line)
    {
        Write(line, new Style(Color.Grey));
    }

    public void Table(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };
        foreach (var name in header)
        {
            table.AddColumn(
                new TableColumn(new Text(name, new Style(decoration: Decoration.Bold)))
                {
                    Padding = new Padding(console.Profile.Width < RoomyWidth ? 0 : 1, 0, 1, 0),
                }
            );
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        console.WriteLine();
        console.Write(table);
    }

    public void Summary(string line, bool isGood)
    {
        Write(line, Colored(isGood).Combine(new Style(decoration: Decoration.Bold)));
    }

    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        console.WriteLine();
        var prompt = new TextPrompt<string>("[yellow]you ›[/]").AllowEmpty();
        return await prompt.ShowAsync(console, cancellationToken);
    }

    private static Style Colored(bool isGood)
    {
        return new Style(isGood ? Color.Green : Color.Red);
    }

    private void Write(string line, Style style)
    {
        console.Write(new Text(Printable.Of(line), style));
        console.WriteLine();
    }
}
