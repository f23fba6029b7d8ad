using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What may stand inside the pipeline.</summary>
internal static class InnerClients
{
    /// <summary>Refuses a chain in which functions are invoked: a retry would run the tools twice.</summary>
    /// <exception cref="InvalidOperationException">The chain holds a function invoker.</exception>
    public static IChatClient Accept(IChatClient innerClient)
    {
        ArgumentNullException.ThrowIfNull(innerClient);
        return innerClient.GetService<FunctionInvokingChatClient>() is null
            ? innerClient
            : throw new InvalidOperationException(
                "The inner client invokes functions; a retry around it would run them twice. "
                    + "Put UseFunctionInvocation outside: it comes before UseQwen... in the ChatClientBuilder."
            );
    }
}
