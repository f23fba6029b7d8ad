using Connectors.Qwen.Transport;

namespace Connectors.Qwen.Fuzz.Targets;

/// <summary>
/// Any answer to a call that does not stream: status, headers and body. An error becomes a <see cref="QwenException"/> with a bounded
/// message without the key; so does a success that is not a finished completion.
/// </summary>
/// <remarks>The input is the status, header lines, an empty line and the body.</remarks>
internal static class ErrorTarget
{
    public static void Run(byte[] input)
    {
        using var response = Call.Answer(input);
        if (response.IsSuccessStatusCode)
        {
            Call.Complete(response);
            return;
        }

        // Straight to the reader: thrown through the whole client the same exception costs ten times the time.
        var facts = Call.Facts();
        var failure = Call.Now(new ValueTask<QwenException>(ErrorAnswer.ReadAsync(response, facts, default)));
        Call.CheckFailure(failure);
        Guard.Check(failure.StatusCode == response.StatusCode, "the status is lost");
    }
}
