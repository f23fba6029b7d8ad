using Connectors.Qwen.Demos.Chat.Playing;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>Where everything is shown. Texts are plain: a view escapes what its medium needs escaped.</summary>
internal interface IView
{
    void Title(string title, string subtitle);

    void Heading(string number, string title, string story);

    /// <summary>Shows a question, and the answer as it is played into the sink.</summary>
    /// <param name="question">The question; null when the person has just typed it, or nobody asked.</param>
    /// <param name="play">Asks, and tells the sink what arrives. Must not throw.</param>
    Task<PlayedAnswer> ShowAnswerAsync(string? question, Func<IAnswerSink, Task<PlayedAnswer>> play);

    void Verdict(string line, bool isGood);

    void Note(string line);

    void Table(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows);

    void Summary(string line, bool isGood);
}
