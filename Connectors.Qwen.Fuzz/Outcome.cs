using System.Text;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Fuzz;

/// <summary>What a reader of updates gets: words, thoughts, calls and the reason of the end, as one comparable text.</summary>
internal sealed class Outcome
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thoughts = new();
    private readonly StringBuilder _rest = new();

    public bool IsFinished { get; private set; }

    public int Length => _text.Length;

    public void Add(ChatResponseUpdate? update)
    {
        foreach (var content in update?.Contents ?? [])
        {
            switch (content)
            {
                case TextContent text:
                    _text.Append(text.Text);
                    break;
                case TextReasoningContent thought:
                    _thoughts.Append(thought.Text);
                    break;
                case FunctionCallContent call:
                    var how = call.Exception is null ? "runs" : "told";
                    _rest.Append($"|call {call.CallId} {call.Name} {how} {call.Arguments?.Count}");
                    // Function invocation does not look at Exception.
                    Guard.Check(call.Exception is null || call.InformationalOnly, "a broken call could be invoked");
                    Guard.Check(
                        call.Exception is not null || !string.IsNullOrEmpty(call.Name),
                        "a call without a name"
                    );
                    break;
                case ErrorContent refusal:
                    _rest.Append($"|refusal {refusal.Message}");
                    break;
                case UsageContent usage:
                    _rest.Append($"|usage {usage.Details.TotalTokenCount}");
                    break;
                default:
                    throw new BrokenPromiseException($"an unexpected content: {content.GetType().Name}");
            }
        }

        if (update?.FinishReason is { } reason)
        {
            IsFinished = true;
            _rest.Append($"|end {reason.Value}");
        }
    }

    public override string ToString()
    {
        return $"text {_text}|thoughts {_thoughts}{_rest}";
    }
}
