using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Json;
using Connectors.Qwen.Testing.Serving;
using Connectors.Qwen.Testing.Tokens;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a request for a device code.</summary>
internal sealed class DeviceReply(ReplyContext context) : OAuthReply(context)
{
    private readonly string _verificationUri =
        $"{context.Http.Request.Scheme}://{context.Http.Request.Host}{SimulatorPaths.Device}";

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null)
    {
        if (FindMissing("client_id", "scope", "code_challenge", "code_challenge_method") is { } missing)
        {
            return missing;
        }

        if (Request.Form["code_challenge_method"] != "S256")
        {
            return Error("invalid_request", "code_challenge_method must be S256.");
        }

        var challenge = Request.Form["code_challenge"];
        return Pkce.IsChallenge(challenge)
            ? new PreparedAnswer(
                StatusCodes.Status200OK,
                Write(State.Devices.Begin(Request.Form["client_id"], challenge)),
                []
            )
            : Error("invalid_request", "code_challenge must be a SHA-256 hash in base64url without padding.");
    }

    private ReadOnlyMemory<byte> Write(DeviceLogin login) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteText("device_code", login.DeviceCode);
            writer.WriteText("user_code", login.UserCode);
            writer.WriteText("verification_uri", _verificationUri);
            writer.WriteText("verification_uri_complete", $"{_verificationUri}?user_code={login.UserCode}");
            writer.WriteNumber("expires_in", (long)login.Lifetime.TotalSeconds);
            if (State.DevicePollInterval is { } interval)
            {
                writer.WriteNumber("interval", (long)interval.TotalSeconds);
            }

            writer.WriteEndObject();
        });
}
