using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Json;
using Connectors.Qwen.Testing.Serving;
using Connectors.Qwen.Testing.Wire;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a token request.</summary>
internal sealed class TokenReply(ReplyContext context) : Reply(context)
{
    private readonly string _resourceUrl =
        $"{context.Http.Request.Scheme}://{context.Http.Request.Host}{SimulatorPaths.Endpoint}";

    public override bool IsStream => false;

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null)
    {
        if (!Request.Form.TryGetValue("grant_type", out var grantType) || grantType.Length == 0)
        {
            return Error("invalid_request", "grant_type is missing.");
        }

        return grantType == "refresh_token"
            ? Refresh()
            : Error("unsupported_grant_type", $"The grant type '{grantType}' is not supported.");
    }

    // Whatever is wrong with a token request is found out by granting it.
    protected override Refusal? FindRefusal() => null;

    protected override void WriteStandardHeaders(IHeaderDictionary headers) => headers["x-request-id"] = RequestId;

    private static PreparedAnswer Error(string error, string description) =>
        new(StatusCodes.Status400BadRequest, ErrorBodies.OAuth(error, description), []);

    private PreparedAnswer Refresh()
    {
        foreach (var field in (string[])["refresh_token", "client_id"])
        {
            if (!Request.Form.TryGetValue(field, out var value) || value.Length == 0)
            {
                return Error("invalid_request", $"{field} is missing.");
            }
        }

        return State.Tokens.Refresh(Request.Form["refresh_token"]) is { } token
            ? new PreparedAnswer(StatusCodes.Status200OK, Write(token), [])
            : Error("invalid_grant", "The refresh token is invalid, expired or already used.");
    }

    private ReadOnlyMemory<byte> Write(QwenIssuedToken token) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteText("access_token", token.AccessToken);
            writer.WriteText("token_type", "Bearer");
            writer.WriteNumber("expires_in", (long)token.Lifetime.TotalSeconds);
            writer.WriteText("refresh_token", token.RefreshToken);
            if (State.IncludesResourceUrl)
            {
                writer.WriteText("resource_url", _resourceUrl);
            }

            writer.WriteEndObject();
        });
}
