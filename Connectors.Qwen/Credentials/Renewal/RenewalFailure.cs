namespace Connectors.Qwen.Credentials;

/// <summary>What a failed renewal is to the calls that needed it.</summary>
internal static class RenewalFailure
{
    public static QwenException Of(Exception exception)
    {
        return exception switch
        {
            QwenException known => known,
            HttpRequestException or IOException or TimeoutException => new QwenException(
                QwenFailureKind.Connection,
                $"The credential could not be renewed: {exception.GetType().Name} from its source.",
                exception
            ),
            _ => new QwenException(
                QwenFailureKind.ServerError,
                // The message of a stranger's exception may hold anything; the exception itself is inside.
                $"The credential could not be renewed: its source threw {exception.GetType().Name}.",
                exception
            )
            {
                // What happened is not known, so it is not done again.
                IsPermanent = true,
            },
        };
    }
}
