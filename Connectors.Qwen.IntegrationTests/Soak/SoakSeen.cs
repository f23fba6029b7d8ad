using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>What the caller of one call has got.</summary>
internal sealed class SoakSeen
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<string> _calls = [];
    private readonly HashSet<string> _ids = [];
    private int _finishes;
    private int _usages;
    private Exception? _failure;

    /// <summary>Asks, and plays the caller's part of the fault.</summary>
    public static async Task<SoakSeen> OfAsync(IChatClient client, SoakCall call)
    {
        var seen = new SoakSeen();
        var question = call.Question;
        try
        {
            if (question.IsStreaming)
            {
                await seen.ReadAsync(client, call);
            }
            else
            {
                var response = await client.GetResponseAsync(question.Messages, question.Options, call.Caller);
                Array.ForEach(response.ToChatResponseUpdates(), seen.Add);
            }
        }
        catch (Exception e)
        {
            seen._failure = e;
        }

        return seen;
    }

    /// <summary>What is not as the row says; null when all is.</summary>
    public string? WrongFor(SoakCall call)
    {
        var answer = call.Question.Answer;
        return call.Fault.End == SoakEnd.Whole ? WrongAsWhole(answer, call.Fault)
            : call.Fault.End == SoakEnd.Left ? (_failure is null ? WrongAsPart(answer) : "it failed")
            : (_failure as OperationCanceledException)?.CancellationToken != call.Caller ? "it was not cancelled"
            : WrongAsPart(answer);
    }

    public override string ToString()
    {
        return $"got {_reasoning.Length} + {_text.Length} characters, {_calls.Count} calls, {_finishes} finish reasons, "
            + $"{_usages} usages; {(_failure is null ? "no failure" : $"{_failure.GetType().Name}: {_failure.Message}")}";
    }

    private async Task ReadAsync(IChatClient client, SoakCall call)
    {
        var question = call.Question;
        await foreach (var update in client.GetStreamingResponseAsync(question.Messages, question.Options, call.Caller))
        {
            Add(update);
            if (call.Fault.End == SoakEnd.Left)
            {
                return;
            }

            if (call.Fault.End == SoakEnd.Cancelled)
            {
                call.Cancel();
            }
        }
    }

    private void Add(ChatResponseUpdate update)
    {
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextReasoningContent reasoning:
                    _reasoning.Append(reasoning.Text);
                    break;
                case TextContent text:
                    _text.Append(text.Text);
                    break;
                case FunctionCallContent call:
                    var arguments = JsonNode.Parse(JsonSerializer.Serialize(call.Arguments))!.ToJsonString();
                    _calls.Add($"{call.CallId} {call.Name} {(call.InformationalOnly ? "unusable" : arguments)}");
                    break;
                case UsageContent:
                    _usages++;
                    break;
            }
        }

        _finishes += update.FinishReason is null ? 0 : 1;
        if (update.ResponseId is { } id)
        {
            _ids.Add(id);
        }
    }

    private string? WrongAsWhole(SoakAnswer answer, SoakFault fault)
    {
        // Reasoning that was cut is not said again.
        var reasoning = _reasoning.ToString();
        var mayLackReasoning = fault.Row is "T12" or "T28" or "T30";
        return _failure is not null ? "it failed"
            : _text.ToString() != answer.Text ? "the text differs: " + Difference(answer.Text)
            : reasoning != answer.Reasoning
            && !(mayLackReasoning && answer.Reasoning.StartsWith(reasoning, StringComparison.Ordinal))
                ? "the reasoning differs"
            : !_calls.SequenceEqual(answer.Calls) ? $"the calls differ: {string.Join("; ", _calls)}"
            : _finishes != 1 ? "it is not finished exactly once"
            : _usages != 1 ? "its usage is not told exactly once"
            : _ids.Count != 1 ? $"it has {_ids.Count} ids"
            : null;
    }

    private string? WrongAsPart(SoakAnswer answer)
    {
        return !answer.Text.StartsWith(_text.ToString(), StringComparison.Ordinal) ? "the text is not the beginning"
            : !answer.Reasoning.StartsWith(_reasoning.ToString(), StringComparison.Ordinal)
                ? "the reasoning is not the beginning"
            : null;
    }

    private string Difference(string expected)
    {
        var text = _text.ToString();
        var at = text.AsSpan().CommonPrefixLength(expected);
        return $"at {at}, '{Around(text, at)}' for '{Around(expected, at)}'";
    }

    private static string Around(string text, int at)
    {
        return text[Math.Max(0, at - 10)..Math.Min(text.Length, at + 30)];
    }
}
