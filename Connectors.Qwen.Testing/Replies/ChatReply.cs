using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Wire;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a chat request.</summary>
internal sealed class ChatReply(ReplyContext context) : Reply(context)
{
    public override bool IsStream => Request.IsStream;

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null)
    {
        var answer = scripted is null ? State.Answers.To(Request) : AnswerSource.FromScript(scripted, Request);
        var usage = UsageFigures.Of(Request, answer);
        return IsStream
            ? new PreparedAnswer(
                StatusCodes.Status200OK,
                default,
                AnswerEvents.Of(Envelope, answer, Request.IncludesUsage ? usage : null, State.ChunkLength)
            )
            : new PreparedAnswer(StatusCodes.Status200OK, CompletionWriter.Write(Envelope, answer, usage), []);
    }

    protected override Refusal? FindRefusal() =>
        CredentialCheck.Find(Request, State.Tokens) ?? ChatChecks.Find(Request, State);

    protected override void WriteStandardHeaders(IHeaderDictionary headers)
    {
        headers["x-request-id"] = RequestId;
        headers["x-dashscope-call-gateway"] = "true";
        headers["x-dashscope-timeout"] = "298";
        headers.Server = "istio-envoy";
    }
}
