using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Wire;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a form of OAuth.</summary>
internal abstract class OAuthReply(ReplyContext context) : Reply(context)
{
    public override bool IsStream => false;

    // Whatever is wrong with such a request is found out by granting it.
    protected override Refusal? FindRefusal() => null;

    protected override void WriteStandardHeaders(IHeaderDictionary headers) => headers["x-request-id"] = RequestId;

    protected static PreparedAnswer Error(
        string error,
        string? description = null,
        int status = StatusCodes.Status400BadRequest
    ) => new(status, ErrorBodies.OAuth(error, description), []);

    protected PreparedAnswer? FindMissing(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (!Request.Form.TryGetValue(field, out var value) || value.Length == 0)
            {
                return Error("invalid_request", $"{field} is missing.");
            }
        }

        return null;
    }
}
