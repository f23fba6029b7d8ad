using Connectors.Qwen.Demos.Chat.Side;

namespace Connectors.Qwen.Demos.Chat.Playing;

/// <summary>Where an answer is shown piece by piece, as it arrives. Thread-safe: notes come from any thread.</summary>
internal interface IAnswerSink
{
    void Reasoning(string piece);

    void Text(string piece);

    void Tool(string line);

    void Side(SideNote note);
}
