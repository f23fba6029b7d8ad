using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Demos.Chat.Views;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>One stop of the tour: a question, what goes wrong with it, and whether the answer came through.</summary>
internal abstract class Station(IQwenService service, Line line)
{
    public abstract string Title { get; }

    /// <summary>What is about to happen, in one sentence.</summary>
    public abstract string Story { get; }

    /// <summary>What is sent with the question, apart from the question.</summary>
    protected virtual ChatOptions? Options => null;

    public async Task<StationResult> VisitAsync(AnswerPlayer player, IView view, CancellationToken cancellationToken)
    {
        var before = service.Sent;
        using var client = Open();
        try
        {
            var answer = await view.ShowAnswerAsync(
                line.Question,
                sink =>
                    player.PlayAsync(
                        client,
                        [new ChatMessage(ChatRole.User, line.Question)],
                        Options,
                        sink,
                        cancellationToken
                    )
            );
            return Judge(answer, service.Sent.Since(before));
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Prepares what goes wrong, and returns the client that has to cope with it.</summary>
    protected abstract IChatClient Open();

    /// <summary>Undoes what <see cref="Open"/> prepared.</summary>
    protected virtual void Close() { }

    protected virtual StationResult Judge(PlayedAnswer answer, RequestCount requests)
    {
        return new StationResult
        {
            Title = Title,
            Requests = requests,
            Answer = answer,
            Check = service.SaysWhatIsScripted ? AnswerCheck.Compare(line.Answer, answer.Text) : default,
        };
    }
}
