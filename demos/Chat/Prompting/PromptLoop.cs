using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Demos.Chat.Views;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Prompting;

/// <summary>A conversation with a person, until the person has had enough.</summary>
internal sealed class PromptLoop(IQwenService service, AnswerPlayer player, IPromptView view, Interrupts interrupts)
{
    private const string Help =
        "/think  thinking first, on or off\n"
        + "/new    forget the conversation\n"
        + "/help   this text\n"
        + "/quit   the end\n"
        + "Ctrl+C  cancels an answer; twice at the prompt ends";

    private readonly List<ChatMessage> _history = [];
    private bool _thinks;

    public async Task RunAsync()
    {
        view.Heading("", "your turn", $"{service.Description} /help says what can be typed.");
        using var client = service.CreateClient();
        var abandoned = 0;
        while (abandoned < 2)
        {
            var line = await ReadAsync();
            if (line is null)
            {
                abandoned++;
                view.Note("");
                view.Note(abandoned < 2 ? "Ctrl+C once more, or /quit, ends." : "Goodbye.");
                continue;
            }

            abandoned = 0;
            if (line is "/quit" or "/exit")
            {
                return;
            }

            if (line.StartsWith('/'))
            {
                Obey(line);
            }
            else if (line.Length > 0)
            {
                await AnswerAsync(client, line);
            }
        }
    }

    private async Task<string?> ReadAsync()
    {
        try
        {
            return (await interrupts.RunAsync(view.AskAsync)).Trim();
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private void Obey(string command)
    {
        switch (command)
        {
            case "/help":
                view.Note(Help);
                break;
            case "/new":
                _history.Clear();
                view.Note("A new conversation.");
                break;
            case "/think":
                _thinks = !_thinks;
                view.Note(_thinks ? "The model thinks first." : "The model answers at once.");
                break;
            default:
                view.Note($"There is no {command}. /help says what there is.");
                break;
        }
    }

    private async Task AnswerAsync(IChatClient client, string question)
    {
        _history.Add(new ChatMessage(ChatRole.User, question));
        var options = new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = _thinks } };
        var answer = await interrupts.RunAsync(cancellation =>
            view.ShowAnswerAsync(
                question: null,
                sink => player.PlayAsync(client, _history, options, sink, cancellation)
            )
        );
        view.Verdict(Verdict.Of(answer, answer.HasEnded), answer.HasEnded);
        if (answer.HasEnded)
        {
            _history.AddRange(answer.Messages);
        }
        else
        {
            // A question without its answer would confuse the model in the next turn.
            _history.RemoveAt(_history.Count - 1);
        }
    }
}
