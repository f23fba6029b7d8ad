using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Transport;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.Client;

/// <summary>Makes the response of an answer that came whole, or says what it lacks to be one. Thread-safe.</summary>
internal sealed class WholeAnswerReader(QwenClientOptions options, ILogger logger)
{
    /// <exception cref="QwenException">The answer is none: not finished, or nothing.</exception>
    public ChatResponse Read(WireAnswer answer, RequestFacts facts, ExpectedAnswer expected)
    {
        var response = ResponseMapper.ToResponse(
            answer,
            options.ThinkTagsAsReasoning && !expected.IsRest,
            expected.HidesReasoning
        );
        logger.Completed(facts.RequestId, response.FinishReason?.Value);
        if (ResponseMapper.Lack(response, mayBeEmpty: expected.IsRest) is { } lack)
        {
            var isCut = !ResponseMapper.IsFinished(response);
            var kind = isCut ? StreamInterrupted : EmptyResponse;
            // It may quote the server.
            lack = ServerFailure.Word(lack, facts.Secret);
            throw facts.Failure(
                kind,
                $"The answer from {facts.Endpoint.Host} {lack}. {FailureTable.Of(kind).Advice}",
                // Of several answers the texts would come mixed, and none can be gone on with.
                partialText: isCut && response is { Messages.Count: 1, Text.Length: > 0 } ? response.Text : null,
                usage: response.Usage,
                part: isCut ? response : null
            );
        }

        response.AdditionalProperties = AnswerProperties.Of(facts);
        return response;
    }
}
