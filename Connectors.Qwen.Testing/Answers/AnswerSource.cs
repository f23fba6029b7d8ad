namespace Connectors.Qwen.Testing.Answers;

/// <summary>Finds the answer to a request: scripted, or the model's own with prefix, stops and limits applied.</summary>
internal sealed class AnswerSource(Func<QwenSimulatedRequest, QwenSimulatedAnswer>? model, QwenPartialMode partialMode)
{
    /// <summary>A scripted answer is what the test wants on the wire, so nothing is applied to it.</summary>
    public static QwenSimulatedAnswer FromScript(QwenSimulatedAnswer scripted, QwenSimulatedRequest request) =>
        WithIds(scripted.Copy(), request);

    public QwenSimulatedAnswer To(QwenSimulatedRequest request)
    {
        var answer = request.Prefix is { } prefix ? Continue(request, prefix) : Ask(request);
        AnswerLimits.Apply(answer, request);
        if (partialMode == QwenPartialMode.Echo && request.IsPartial)
        {
            // After the limits, which are for what the model adds.
            answer.Text = request.Prefix + answer.Text;
        }

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
        if (partialMode == QwenPartialMode.StartOver)
        {
            return whole;
        }

        var isTrimming = partialMode == QwenPartialMode.Trim;
        var text = whole.Text ?? "";
        if ((isTrimming ? Continuation.OfTrimmed(text, prefix) : Continuation.Of(text, prefix)) is { } rest)
        {
            whole.Reasoning = null;
            whole.Text = rest;
            return whole;
        }

        return new QwenSimulatedAnswer { Text = Continuation.Digress(isTrimming ? prefix.Trim() : prefix) };
    }
}
