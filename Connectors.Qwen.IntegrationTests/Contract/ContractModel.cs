using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>
/// A model that does what it is told, from nothing but the request: it calls the tools that were offered with arguments that fit the schemas
/// that arrived, fills the schema of an answer, looks at pictures, sums up, remembers. What a client does not send, it does not know.
/// </summary>
internal sealed partial class ContractModel
{
    private int _random;

    public QwenSimulatedAnswer Answer(QwenSimulatedRequest request)
    {
        var messages = request.Messages.EnumerateArray().ToList();
        // What was asked last, and what came after it.
        var asked = messages.FindLastIndex(static message => Role(message) == "user");
        var answer = new QwenSimulatedAnswer();
        foreach (var call in Calls(request, messages, asked))
        {
            answer.ToolCalls.Add(call);
            if (!IsParallel(request))
            {
                break;
            }
        }

        if (answer.ToolCalls.Count == 0)
        {
            answer.Text = Say(request, messages, asked);
        }

        return answer;
    }

    private string Say(QwenSimulatedRequest request, List<JsonElement> messages, int asked)
    {
        var question = Text(messages[asked]);
        var results = messages.Skip(asked + 1).Where(static message => Role(message) == "tool").Select(Text).ToList();
        if (SchemaOf(request, messages) is { } schema)
        {
            // A schema in the text says nothing of the values.
            var said = messages.Where(static message => Role(message) == "user").Select(Text).Where(IsPlain);
            return SchemaFiller.Fill(schema, string.Join(' ', said.Concat(results)))!.ToJsonString();
        }

        if (results.Count > 0)
        {
            return $"The answer is {string.Join(" and ", results)}.";
        }

        if (messages.Any(static message => SummaryWanted().IsMatch(Text(message))))
        {
            var talk = messages.Where(static message =>
                Role(message) != "system" && !SummaryWanted().IsMatch(Text(message))
            );
            return $"Summary: {string.Join(' ', talk.Select(Text))}";
        }

        if (Pictures(messages[asked]).FirstOrDefault() is { } picture)
        {
            return $"This is {Picture.Describe(picture)}.";
        }

        if (Repeat().Match(question) is { Success: true } repeat)
        {
            return repeat.Groups[1].Value;
        }

        if (question.Contains("random", StringComparison.Ordinal))
        {
            return (90_000 + Interlocked.Increment(ref _random)).ToString(CultureInfo.InvariantCulture);
        }

        if (WhatIs().Match(question) is { Success: true } what)
        {
            var thing = what.Groups[1].Value;
            var facts = messages.Select(message => Regex.Match(Text(message), $@"[Mm]y {thing} is ([\w-]+)"));
            var fact = facts.FirstOrDefault(static match => match.Success);
            return fact is null ? $"I do not know your {thing}." : $"Your {thing} is {fact.Groups[1].Value}.";
        }

        return messages.Any(static message =>
            Role(message) == "system" && Text(message).Contains("Ahoy", StringComparison.Ordinal)
        )
            ? "Ahoy, I see."
            : "I see.";
    }

    /// <summary>The calls that are still to be made.</summary>
    private static IEnumerable<QwenSimulatedToolCall> Calls(
        QwenSimulatedRequest request,
        List<JsonElement> messages,
        int asked
    )
    {
        if (request.Tools.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        var question = Text(messages[asked]);
        var functions = request.Tools.EnumerateArray().Select(static tool => tool.GetProperty("function")).ToList();
        var choice = request.Body.TryGetProperty("tool_choice", out var said) ? said : default;
        var wanted = functions
            .Where(function => question.Contains($"{Name(function)} ", StringComparison.Ordinal))
            .ToList();
        if (choice.ValueKind == JsonValueKind.Object)
        {
            wanted = [functions.Single(function => Name(function) == Name(choice.GetProperty("function")))];
        }
        else if (choice.ValueKind == JsonValueKind.String && choice.ValueEquals("required") && wanted.Count == 0)
        {
            wanted = [functions[0]];
        }
        else if (choice.ValueKind == JsonValueKind.String && choice.ValueEquals("none"))
        {
            wanted = [];
        }

        var made = messages
            .Skip(asked + 1)
            .Where(static message => message.TryGetProperty("tool_calls", out _))
            .SelectMany(static message => message.GetProperty("tool_calls").EnumerateArray())
            .Select(static call => call.GetProperty("function"))
            .Select(static call => (Name(call), Plain(call.GetProperty("arguments").GetString()!)))
            .ToHashSet();
        return from function in wanted
            from arguments in ArgumentsFor(function, question)
            where !made.Contains((Name(function), Plain(arguments)))
            select new QwenSimulatedToolCall { Name = Name(function), Arguments = arguments };
    }

    /// <summary>One call; of a function that takes one word, one for each word in quotes.</summary>
    private static IEnumerable<string> ArgumentsFor(JsonElement function, string question)
    {
        var parameters = function.GetProperty("parameters");
        var isOfOneWord =
            parameters.TryGetProperty("properties", out var properties)
            && properties.EnumerateObject().Count() == 1
            && properties.EnumerateObject().First().Value.TryGetProperty("type", out var type)
            && $"{type}" == "string";
        var words = SchemaFiller.Quoted(question);
        return isOfOneWord && words.Count > 1
            ? words.Select(word => SchemaFiller.Fill(parameters, $"'{word}'")!.ToJsonString())
            : [SchemaFiller.Fill(parameters, question)!.ToJsonString()];
    }

    private static bool IsParallel(QwenSimulatedRequest request)
    {
        return request.Body.TryGetProperty("parallel_tool_calls", out var parallel) && parallel.GetBoolean();
    }

    /// <summary>The schema of the answer: the one of the request, or one that stands in the text where JSON is asked for.</summary>
    private static JsonElement? SchemaOf(QwenSimulatedRequest request, List<JsonElement> messages)
    {
        if (!request.Body.TryGetProperty("response_format", out var format))
        {
            return null;
        }

        if (format.TryGetProperty("json_schema", out var named))
        {
            return named.GetProperty("schema");
        }

        var text = string.Join('\n', messages.Select(Text));
        var (begin, end) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        return JsonDocument.Parse(text[begin..(end + 1)]).RootElement;
    }

    private static IEnumerable<byte[]> Pictures(JsonElement message)
    {
        return message.GetProperty("content").ValueKind == JsonValueKind.Array
            ? message
                .GetProperty("content")
                .EnumerateArray()
                .Where(static part => part.TryGetProperty("image_url", out _))
                .Select(static part => part.GetProperty("image_url").GetProperty("url").GetString()!)
                .Select(static url => Convert.FromBase64String(url[(url.IndexOf(',', StringComparison.Ordinal) + 1)..]))
            : [];
    }

    private static string Text(JsonElement message)
    {
        var content = message.TryGetProperty("content", out var value) ? value : default;
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString()!,
            JsonValueKind.Array => string.Concat(
                content
                    .EnumerateArray()
                    .Where(static part => part.TryGetProperty("text", out _))
                    .Select(static part => part.GetProperty("text").GetString())
            ),
            _ => "",
        };
    }

    private static bool IsPlain(string text)
    {
        return !text.Contains('{', StringComparison.Ordinal);
    }

    // However they were written.
    private static string Plain(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }

    private static string Role(JsonElement message)
    {
        return message.GetProperty("role").GetString()!;
    }

    private static string Name(JsonElement function)
    {
        return function.GetProperty("name").GetString()!;
    }

    [GeneratedRegex("(?i)(generate|write|give) a .*summary|summarize")]
    private static partial Regex SummaryWanted();

    [GeneratedRegex("Repeat exactly: (.+)")]
    private static partial Regex Repeat();

    [GeneratedRegex("What is my ([a-z]+)")]
    private static partial Regex WhatIs();
}
