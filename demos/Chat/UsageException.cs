namespace Connectors.Qwen.Demos.Chat;

/// <summary>The program was called in a way that cannot work; the message says why.</summary>
internal sealed class UsageException(string message, Exception? innerException = null)
    : Exception(message, innerException);
