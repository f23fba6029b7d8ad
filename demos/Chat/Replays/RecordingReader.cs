using System.Net.ServerSentEvents;
using System.Text;

namespace Connectors.Qwen.Demos.Chat.Replays;

/// <summary>Reads a recording, in whichever of the three forms it is.</summary>
internal static class RecordingReader
{
    private const string DoneMarker = "[DONE]";

    /// <exception cref="UsageException">There is no such file, or it is no recording.</exception>
    public static Recording Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"The recording cannot be read: {e.Message}", e);
        }

        var name = Path.GetFileName(path);
        return Completion(name, text) ?? EventStream(name, text) ?? ChunkLines(name, text) ?? throw NoRecording(path);
    }

    private static Recording? Completion(string name, string text)
    {
        var answer = RecordedJson.Parse(text);
        return RecordedJson.HasMessage(answer)
            ? new Recording
            {
                FileName = name,
                Completion = text,
                Text = RecordedJson.Text(answer, "message", "content"),
                Reasoning = RecordedJson.Text(answer, "message", "reasoning_content"),
            }
            : null;
    }

    private static Recording? EventStream(string name, string text)
    {
        // An event without the blank line behind it does not count; recordings often lose the last one.
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text + "\n\n"));
        var events = SseParser.Create(bytes).Enumerate().Select(item => item.Data).ToList();
        var isDone = events.Remove(DoneMarker);

        // One object per event is enough here: an error that was recorded inside a stream has no choices.
        var isStream = events.Count > 0 && events.TrueForAll(IsObject);
        return isStream ? Stream(name, events, isDone) : null;
    }

    private static Recording? ChunkLines(string name, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        lines.Remove(DoneMarker);
        var isStream =
            lines.TrueForAll(IsObject) && lines.Exists(line => RecordedJson.HasChoices(RecordedJson.Parse(line)));

        // The end marker is no JSON, so such a file never has it: that it is missing says nothing.
        return isStream ? Stream(name, lines, isDone: true) : null;
    }

    private static Recording Stream(string name, List<string> events, bool isDone)
    {
        var chunks = events.ConvertAll(RecordedJson.Parse);
        return new Recording
        {
            FileName = name,
            Events = events,
            IsDone = isDone,
            Text = string.Concat(chunks.Select(chunk => RecordedJson.Text(chunk, "delta", "content"))),
            Reasoning = string.Concat(chunks.Select(chunk => RecordedJson.Text(chunk, "delta", "reasoning_content"))),
        };
    }

    private static bool IsObject(string json)
    {
        return RecordedJson.Parse(json).ValueKind == System.Text.Json.JsonValueKind.Object;
    }

    private static UsageException NoRecording(string path)
    {
        return new UsageException(
            $"{path} is no recording: neither one chunk's JSON per line, nor an event stream with data: lines, nor a completion."
        );
    }
}
