using System.Text;
using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Side;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>One answer on a terminal: the words on the left, what the pipeline does on the right, a spinner until the first word.</summary>
internal sealed class AnswerScreen(TimeProvider time) : IAnswerSink
{
    private const int NarrowestWithColumns = 72;

    private static readonly Style Dim = new(Color.Grey, decoration: Decoration.Italic);
    private static readonly Style Tools = new(Color.Aqua);
    private static readonly Style Clock = new(Color.Grey);

    private readonly object _gate = new();
    private readonly long _started = time.GetTimestamp();
    private readonly List<(StringBuilder Text, Style Style)> _paragraphs = [];
    private readonly List<SideNote> _notes = [];

    public void Reasoning(string piece)
    {
        Add(piece, Dim, startsLine: false);
    }

    public void Text(string piece)
    {
        Add(piece, Style.Plain, startsLine: false);
    }

    public void Tool(string line)
    {
        Add(line.ReplaceLineEndings(" "), Tools, startsLine: true);
    }

    public void Side(SideNote note)
    {
        lock (_gate)
        {
            _notes.Add(note);
        }
    }

    /// <summary>The screen while the answer is coming: no more rows than given.</summary>
    public IRenderable Live(int width, int rows)
    {
        const int Borders = 2;
        return width < NarrowestWithColumns
            ? Compose(width, Math.Max(1, (rows / 2) - Borders), isLive: true)
            : Compose(width, Math.Max(1, rows - Borders), isLive: true);
    }

    /// <summary>The screen when the answer has ended: everything, however long.</summary>
    public IRenderable Final(int width)
    {
        return Compose(width, int.MaxValue, isLive: false);
    }

    private static Panel Framed(IRenderable content, string header, Color color)
    {
        return new Panel(content)
        {
            Header = new PanelHeader(header),
            Border = BoxBorder.Rounded,
            BorderStyle = new Style(color),
            Expand = true,
        };
    }

    private void Add(string piece, Style style, bool startsLine)
    {
        lock (_gate)
        {
            // Pieces are joined before they are laid out: a line would end between two of them, in the middle of a word.
            if (startsLine || _paragraphs.Count == 0 || _paragraphs[^1].Style != style)
            {
                _paragraphs.Add((new StringBuilder(), style));
            }

            _paragraphs[^1].Text.Append(Printable.Of(piece));
        }
    }

    private IRenderable Compose(int width, int rows, bool isLive)
    {
        IRenderable answer;
        IRenderable side;
        lock (_gate)
        {
            answer = _paragraphs.Count > 0 ? Words_NeedsLock() : Waiting(isLive);
            side = Notes_NeedsLock();
        }

        var left = Framed(new Bottom(answer, rows), "answer", Color.Green);
        var right = Framed(new Bottom(side, rows), "at the side", Color.Grey);
        if (width < NarrowestWithColumns)
        {
            left.Width = width;
            right.Width = width;
            return new Rows(left, right);
        }

        var sideWidth = Math.Clamp(width * 36 / 100, 30, 46);
        var grid = new Grid { Width = width };
        grid.AddColumn(new GridColumn { Width = width - sideWidth - 1, Padding = new Padding(0, 0, 1, 0) });
        grid.AddColumn(new GridColumn { Width = sideWidth, Padding = new Padding(0, 0, 0, 0) });
        return grid.AddRow(left, right);
    }

    private Paragraph Words_NeedsLock()
    {
        var words = new Paragraph();
        var gap = "";
        foreach (var (text, style) in _paragraphs)
        {
            if (words.Length > 0)
            {
                words.Append(gap, style);
            }

            // What was only thought stands apart.
            gap = style == Dim ? "\n\n" : "\n";
            foreach (var piece in Wrapping.Split(text.ToString()))
            {
                words.Append(piece, style);
            }
        }

        return words;
    }

    private Paragraph Waiting(bool isLive)
    {
        if (!isLive)
        {
            return new Paragraph("(nothing)", Dim);
        }

        var spinner = Spinner.Known.Dots;
        var elapsed = time.GetElapsedTime(_started);
        var frame = spinner.Frames[(int)(elapsed / spinner.Interval) % spinner.Frames.Count];
        return new Paragraph($"{frame} waiting for the first word, {Verdict.Seconds(elapsed)}", Dim);
    }

    private Grid Notes_NeedsLock()
    {
        var notes = new Grid();
        notes.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
        notes.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var note in _notes)
        {
            notes.AddRow(
                new Text(Verdict.Seconds(note.At), Clock),
                new Text(Printable.Of(note.Text).ReplaceLineEndings(" "))
            );
        }

        return notes;
    }
}
