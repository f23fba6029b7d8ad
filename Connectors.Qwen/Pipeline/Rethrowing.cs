namespace Connectors.Qwen.Pipeline;

/// <summary>For a <c>catch</c> that may have found a better word for what it caught.</summary>
internal static class Rethrowing
{
    /// <summary>Throws the failure, unless it is the very exception that was caught: that one is rethrown as it is, with its stack.</summary>
    public static void ThrowUnlessIs(this Exception failure, Exception caught)
    {
        if (!ReferenceEquals(failure, caught))
        {
            throw failure;
        }
    }
}
