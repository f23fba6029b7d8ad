using Connectors.Qwen.Testing;

namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>What the simulated model says: the lines of the tour word for word, and something polite to a person.</summary>
internal static class SimulatedModel
{
    public const string City = "Hangzhou";

    public static QwenSimulatedAnswer Answer(QwenSimulatedRequest request)
    {
        if (Dialogue.Find(request.LastUserText) is not { } line)
        {
            return Improvise(request);
        }

        var answer = new QwenSimulatedAnswer();
        if (line == Dialogue.Tool && LastRole(request) != "tool")
        {
            answer.ToolCalls.Add(
                new QwenSimulatedToolCall { Name = WeatherTool.Name, Arguments = $$"""{"city": "{{City}}"}""" }
            );
        }
        else
        {
            answer.Text = line.Answer;
        }

        return answer;
    }

    private static QwenSimulatedAnswer Improvise(QwenSimulatedRequest request)
    {
        var turns = request.Messages.EnumerateArray().Count(message => Role(message) == "user");
        return new QwenSimulatedAnswer
        {
            Reasoning = request.IsThinking
                ? "The person wrote something. I am a simulator: I know five questions, and this is none of them. "
                    + "先想一想… The polite thing is to repeat it and to say how to reach a real model."
                : null,
            Text =
                $"I heard: “{request.LastUserText}”. That was question {turns} of our conversation. "
                + "I am only the simulator, so that is all I can say; "
                + $"with {QwenClientOptions.ApiKeyVariable} set, a real Qwen (通义千问) answers here. 🚀",
        };
    }

    private static string? LastRole(QwenSimulatedRequest request)
    {
        return Role(request.Messages.EnumerateArray().Last());
    }

    private static string? Role(System.Text.Json.JsonElement message)
    {
        return message.GetProperty("role").GetString();
    }
}
