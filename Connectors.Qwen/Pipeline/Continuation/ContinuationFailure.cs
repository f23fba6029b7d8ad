using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>What the caller gets when an answer that broke off cannot be made whole: always the text that came.</summary>
internal static class ContinuationFailure
{
    /// <param name="exception">The last failure.</param>
    /// <param name="failure">What it means.</param>
    /// <param name="answer">What was handed out.</param>
    /// <param name="wasTried">Whether anything was asked for after the answer broke off.</param>
    /// <param name="decision">Why nothing more is tried.</param>
    public static Exception Of(
        Exception exception,
        Failure failure,
        AnswerSoFar answer,
        bool wasTried,
        ContinuationDecision decision
    )
    {
        var known = exception as QwenException;
        var text = answer.Length > 0 ? answer.Text : null;
        if (wasTried && failure.Kind != QwenFailureKind.TotalTimeout)
        {
            return Interrupted(exception, failure, known, text, decision);
        }

        // A foreign client's exception has no room for the text.
        return known is null ? Broken(failure.Kind, exception, text)
            : known.PartialText == text && !decision.IsTold ? exception
            : known.AsOutcome(
                decision.IsTold ? $"{known.Message} It was not gone on with: {decision.Reason}." : known.Message,
                known.Attempts,
                text
            );
    }

    /// <summary>The words of a request do not fit the answer as they came.</summary>
    /// <param name="isDoubtful">Whether the whole answer once more can tell.</param>
    public static QwenException Misfit(bool isDoubtful)
    {
        return new QwenException(
            QwenFailureKind.StreamInterrupted,
            isDoubtful
                ? "The server did not go on with the answer, or says the same once more."
                : "The server began the answer anew, and differently."
        )
        {
            IsPermanent = !isDoubtful,
        };
    }

    private static QwenException Broken(QwenFailureKind kind, Exception exception, string? text)
    {
        return new QwenException(kind, $"The answer broke off. {FailureTable.Of(kind).Advice}", exception)
        {
            PartialText = text,
        };
    }

    private static QwenException Interrupted(
        Exception exception,
        Failure failure,
        QwenException? known,
        string? text,
        ContinuationDecision decision
    )
    {
        var reason = decision.IsTold ? $" ({decision.Reason})" : "";
        return new QwenException(
            QwenFailureKind.StreamInterrupted,
            $"The answer broke off and could not be gone on with{reason}. {known?.Message ?? FailureTable.Of(failure.Kind).Advice}",
            exception,
            known?.StatusCode
        )
        {
            RequestId = known?.RequestId,
            ErrorCode = known?.ErrorCode,
            RetryAfter = known?.RetryAfter,
            Endpoint = known?.Endpoint,
            PartialText = text,
        };
    }
}
