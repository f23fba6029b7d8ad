namespace Connectors.Qwen.Testing.Answers;

/// <summary>Finds the answer to a request: scripted, or the model's own with prefix, stops and limits applied.</summary>
internal sealed class AnswerSource(Func<QwenSimulatedRequest, QwenSimulatedAnswer>? model)
{
    private const string Digression =
        " … here the simulated model goes on by itself, because it would have begun differently.";

    /// <summary>A scripted answer is what the test wants on the wire, so nothing is applied to it.</summary>
    public static QwenSimulatedAnswer FromScript(QwenSimulatedAnswer scripted, QwenSimulatedRequest request) =>
        WithIds(scripted.Copy(), request);

    public QwenSimulatedAnswer To(QwenSimulatedRequest request)
    {
        var answer = request.Prefix is { } prefix ? Continue(request, prefix) : Ask(request);
        AnswerLimits.Apply(answer, request);
        return WithIds(answer, request);
    }

    private static QwenSimulatedAnswer WithIds(QwenSimulatedAnswer answer, QwenSimulatedRequest request)
    {
        for (var index = 0; index < answer.ToolCalls.Count; index++)
        {
            var call = answer.ToolCalls[index];
            if (call.Id.Length == 0)
            {
                // From the conversation, not from a counter: concurrent requests must not change each other's ids.
                call.Id = "call_" + MadeUpId.Hex($"{index} {request.Messages}", 24);
            }
        }

        return answer;
    }

    private QwenSimulatedAnswer Ask(QwenSimulatedRequest request) =>
        model is null
            ? DefaultAnswer.To(request)
            : (
                model(request)
                ?? throw new InvalidOperationException($"{nameof(QwenSimulatorOptions.Answer)} returned null.")
            ).Copy();

    private QwenSimulatedAnswer Continue(QwenSimulatedRequest request, string prefix)
    {
        var whole = Ask(request.WithoutLastMessage());
        whole.Reasoning = null;
        var text = whole.Text ?? "";
        if (text.StartsWith(prefix, StringComparison.Ordinal))
        {
            whole.Text = text[prefix.Length..];
            return whole;
        }

        return new QwenSimulatedAnswer { Text = Digression };
    }
}
