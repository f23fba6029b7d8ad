using Connectors.Qwen.Demos.Chat.Playing;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>Plain text for pipes, files and dumb terminals: no escape codes, nothing is ever overwritten.</summary>
internal sealed class PlainView(TextWriter output) : IView
{
    public void Title(string title, string subtitle)
    {
        output.WriteLine(Printable.Of(title));
        output.WriteLine(Printable.Of(subtitle));
    }

    public void Heading(string number, string title, string story)
    {
        output.WriteLine();
        output.WriteLine(Printable.Of($"{number}  {title}"));
        output.WriteLine(Printable.Of($"     {story}"));
    }

    public async Task<PlayedAnswer> ShowAnswerAsync(string? question, Func<IAnswerSink, Task<PlayedAnswer>> play)
    {
        if (question is not null)
        {
            output.WriteLine(Printable.Of($"  Q  {question}"));
        }

        var sink = new PlainAnswerSink(output);
        var answer = await play(sink);
        sink.End();
        return answer;
    }

    public void Verdict(string line, bool isGood)
    {
        output.WriteLine(Printable.Of($"  {(isGood ? '=' : '!')}  {line}"));
    }

    public void Note(string line)
    {
        output.WriteLine(Printable.Of(line));
    }

    public void Table(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = header
            .Select((name, column) => rows.Select(row => row[column].Length).Append(name.Length).Max())
            .ToArray();
        output.WriteLine();
        WriteRow(header, widths);
        WriteRow([.. widths.Select(width => new string('-', width))], widths);
        foreach (var row in rows)
        {
            WriteRow(row, widths);
        }

        output.WriteLine();
    }

    public void Summary(string line, bool isGood)
    {
        output.WriteLine(Printable.Of(line));
    }

    private void WriteRow(IReadOnlyList<string> cells, int[] widths)
    {
        output.WriteLine(string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
