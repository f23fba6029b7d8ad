using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Answers;

/// <summary>What the simulated model says when nobody told it what to say: a pure function of the conversation.</summary>
internal static class DefaultAnswer
{
    private const int MaxTopicLength = 60;

    public static QwenSimulatedAnswer To(QwenSimulatedRequest request)
    {
        var answer = new QwenSimulatedAnswer();
        if (request.IsThinking)
        {
            answer.Reasoning =
                $"The user asks about \"{Topic(request)}\". 先想一想: what is known, what is asked, "
                + "and how long should the answer be? 🤔 A few plain sentences will do.";
        }

        var calls = ToolCallsFor(request);
        if (calls.Count > 0)
        {
            calls.ForEach(answer.ToolCalls.Add);
        }
        else
        {
            answer.Text = TextFor(request);
        }

        return answer;
    }

    private static string TextFor(QwenSimulatedRequest request)
    {
        var format = request.Body.Member("response_format");
        var results = request.Messages.Items().Reverse().TakeWhile(IsToolMessage).Reverse().ToArray();
        return format.Text("type") switch
        {
            "json_schema" => SchemaExample
                .Of(format.Member("json_schema").Member("schema"), requiredOnly: false)
                .ToJsonString(),
            "json_object" => new JsonObject { ["topic"] = Topic(request), ["answered"] = true }.ToJsonString(),
            _ when results.Length > 0 => "The tool answered: "
                + string.Join("; ", results.Select(result => result.Member("content").PlainText()))
                + ". That settles the question, 问题解决了 ✅, and nothing more has to be looked up.",
            _ => $"You asked about \"{Topic(request)}\". Here is what a simulated model says to that: "
                + "the same question always gets the same answer, so a test can compare it letter by letter. "
                + "中文也会出现在这里，一个字都不能丢。 An emoji 🚀 crosses the wire in one piece. "
                + "Nothing gets lost on the way, nothing is said twice, "
                + $"and remark {MadeUpId.Hex(request.LastUserText, 6)} is the last one.",
        };
    }

    private static List<QwenSimulatedToolCall> ToolCallsFor(QwenSimulatedRequest request)
    {
        var choice = request.Body.Member("tool_choice");
        var isFromUser = request.Messages.Items().LastOrDefault().Text("role") == "user";
        if (!isFromUser || choice.ValueKind == JsonValueKind.String && choice.GetString() == "none")
        {
            return [];
        }

        var functions = request.Tools.Items().Select(tool => tool.Member("function")).ToArray();
        var wanted = functions.Where(function => Mentions(request.LastUserText, function.Text("name"))).ToArray();
        if (choice.Member("function").Text("name") is { } forced)
        {
            wanted = [.. functions.Where(function => function.Text("name") == forced)];
        }
        else if (wanted.Length == 0 && choice.ValueKind == JsonValueKind.String && choice.GetString() == "required")
        {
            wanted = functions;
        }

        var limit = request.Body.Flag("parallel_tool_calls") == true ? wanted.Length : 1;
        return [.. wanted.Take(limit).Select(ToCall)];
    }

    private static QwenSimulatedToolCall ToCall(JsonElement function) =>
        new()
        {
            Name = function.Text("name") ?? "",
            Arguments = SchemaExample.Of(function.Member("parameters"), requiredOnly: true).ToJsonString(),
        };

    private static bool Mentions(string text, string? name) =>
        !string.IsNullOrEmpty(name) && text.Contains(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsToolMessage(JsonElement message) => message.Text("role") == "tool";

    private static string Topic(QwenSimulatedRequest request) =>
        TextChunks.Head(request.LastUserText, MaxTopicLength).Trim();
}
