using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Client;

/// <summary>What the head of an answer tells, for whoever reads the answer.</summary>
internal static class AnswerProperties
{
    /// <summary>Null when it tells nothing.</summary>
    public static AdditionalPropertiesDictionary? Of(RequestFacts facts)
    {
        if (facts.RequestId is null && facts.ServerTimeout is null && facts.Adapted is null)
        {
            return null;
        }

        var properties = new AdditionalPropertiesDictionary();
        if (facts.RequestId is not null)
        {
            properties[QwenResponseProperties.RequestId] = facts.RequestId;
        }

        if (facts.ServerTimeout is { } limit)
        {
            properties[QwenResponseProperties.ServerTimeoutSeconds] = (long)limit.TotalSeconds;
        }

        if (facts.Adapted is not null)
        {
            properties[QwenResponseProperties.Adapted] = facts.Adapted;
        }

        return properties;
    }
}
