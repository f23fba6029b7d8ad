using System.Net;

namespace Connectors.Qwen;

/// <summary>The credential was refused and could not be renewed: a human has to act.</summary>
public sealed class QwenAuthenticationException : QwenException
{
    /// <summary>Creates the exception; its kind is <see cref="QwenFailureKind.Authentication"/>.</summary>
    /// <param name="message">What failed, what was seen, what to do.</param>
    /// <param name="innerException">What it comes from, if anything.</param>
    /// <param name="statusCode">The HTTP status the server sent, if it sent one.</param>
    public QwenAuthenticationException(
        string message,
        Exception? innerException = null,
        HttpStatusCode? statusCode = null
    )
        : base(QwenFailureKind.Authentication, message, innerException, statusCode) { }

    /// <summary>The same failure in this type, so that what is known of a failure is filled in at one place.</summary>
    internal QwenAuthenticationException(QwenException failure)
        : base(failure, failure.InnerException, failure.Message, failure.Attempts, failure.PartialText) { }

    private QwenAuthenticationException(QwenException cause, string message, int attempts, string? partialText)
        : base(cause, cause, message, attempts, partialText) { }

    internal override QwenException AsOutcome(string message, int attempts, string? partialText = null)
    {
        return new QwenAuthenticationException(this, message, attempts, partialText);
    }
}
