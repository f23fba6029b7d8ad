using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Side;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>Writes an answer as it comes: a letter in the margin says what a paragraph is.</summary>
internal sealed class PlainAnswerSink(TextWriter output) : IAnswerSink
{
    private const char Thought = '~';
    private const char Answer = 'A';
    private const char AtTheSide = '.';
    private const char ToolCall = '>';

    private readonly object _gate = new();
    private readonly List<SideNote> _held = [];
    private char? _open;

    public void Reasoning(string piece)
    {
        Stream(Thought, piece);
    }

    public void Text(string piece)
    {
        Stream(Answer, piece);
    }

    public void Tool(string line)
    {
        lock (_gate)
        {
            Close_NeedsLock();
            WriteLine_NeedsLock(ToolCall, line);
        }
    }

    public void Side(SideNote note)
    {
        lock (_gate)
        {
            // A note must not cut a word in two: it waits for the end of the paragraph.
            _held.Add(note);
            if (_open is null)
            {
                WriteHeld_NeedsLock();
            }
        }
    }

    public void End()
    {
        lock (_gate)
        {
            Close_NeedsLock();
        }
    }

    private void Stream(char mark, string piece)
    {
        lock (_gate)
        {
            if (_open != mark)
            {
                Close_NeedsLock();
                output.Write($"  {mark}  ");
                _open = mark;
            }

            output.Write(Printable.Of(piece).Replace("\n", Environment.NewLine + "     ", StringComparison.Ordinal));
            output.Flush();
        }
    }

    private void Close_NeedsLock()
    {
        if (_open is not null)
        {
            output.WriteLine();
            _open = null;
        }

        WriteHeld_NeedsLock();
    }

    private void WriteHeld_NeedsLock()
    {
        foreach (var note in _held)
        {
            WriteLine_NeedsLock(AtTheSide, $"{Verdict.Seconds(note.At)}  {note.Text}");
        }

        _held.Clear();
    }

    private void WriteLine_NeedsLock(char mark, string line)
    {
        output.WriteLine($"  {mark}  {Printable.Of(line).ReplaceLineEndings(" ")}");
    }
}
