using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Wire;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a request that no endpoint is there for.</summary>
internal sealed class UnknownPathReply(ReplyContext context) : Reply(context)
{
    private readonly string _target = $"{context.Exchange.Method} {context.Exchange.Path}";

    public override bool IsStream => false;

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null) =>
        new(
            StatusCodes.Status404NotFound,
            ErrorBodies.Compatible(
                RequestId,
                "not_found",
                $"The simulator has no endpoint for {_target}.",
                "invalid_request_error"
            ),
            []
        );

    protected override Refusal? FindRefusal() => null;

    protected override void WriteStandardHeaders(IHeaderDictionary headers) => headers["x-request-id"] = RequestId;
}
