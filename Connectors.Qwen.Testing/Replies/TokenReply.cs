using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Json;
using Connectors.Qwen.Testing.Serving;
using Connectors.Qwen.Testing.Tokens;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a token request: a refresh, or the poll of a device login.</summary>
internal sealed class TokenReply(ReplyContext context) : OAuthReply(context)
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    private readonly string _resourceUrl =
        $"{context.Http.Request.Scheme}://{context.Http.Request.Host}{SimulatorPaths.Endpoint}";

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null) =>
        FindMissing("grant_type")
        ?? Request.Form["grant_type"] switch
        {
            "refresh_token" => Refresh(),
            DeviceGrant => Poll(),
            var other => Error("unsupported_grant_type", $"The grant type '{other}' is not supported."),
        };

    private PreparedAnswer Refresh()
    {
        if (FindMissing("refresh_token", "client_id") is { } missing)
        {
            return missing;
        }

        return State.Tokens.Refresh(Request.Form["refresh_token"]) is { } token
            ? Granted(token)
            : Error("invalid_grant", "The refresh token is invalid, expired or already used.");
    }

    private PreparedAnswer Poll()
    {
        if (FindMissing("client_id", "device_code", "code_verifier") is { } missing)
        {
            return missing;
        }

        var form = Request.Form;
        var (outcome, token) = State.Devices.Poll(form["device_code"], form["client_id"], form["code_verifier"]);
        return outcome switch
        {
            DevicePollOutcome.Granted => Granted(token!),
            DevicePollOutcome.Pending => Error("authorization_pending"),
            DevicePollOutcome.TooEarly => Error("slow_down", status: State.SlowDownStatus),
            DevicePollOutcome.Denied => Error("access_denied", "The login was denied."),
            DevicePollOutcome.Expired => Error("expired_token", "The device code has expired."),
            DevicePollOutcome.WrongVerifier => Error("invalid_grant", "code_verifier does not match code_challenge."),
            _ => Error("invalid_grant", "The device code is invalid or already used."),
        };
    }

    private PreparedAnswer Granted(QwenIssuedToken token) => new(StatusCodes.Status200OK, Write(token), []);

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
