using System.Globalization;
using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Json;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a request for a temporary key.</summary>
internal sealed class TemporaryKeyReply(ReplyContext context) : Reply(context)
{
    private const string LifetimeParameter = "expire_in_seconds";
    private const int DefaultSeconds = 60;
    private const int MaxSeconds = 1800;

    public override bool IsStream => false;

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null)
    {
        // A behaviour without checks may come here with a lifetime that is none.
        var seconds = ReadSeconds() ?? DefaultSeconds;
        var (key, end) = State.Tokens.MintTemporaryKey(TimeSpan.FromSeconds(seconds));
        var body = JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteText("token", key);
            writer.WriteNumber("expires_at", end.ToUnixTimeSeconds());
            writer.WriteEndObject();
        });
        return new PreparedAnswer(StatusCodes.Status200OK, body, []);
    }

    protected override Refusal? FindRefusal()
    {
        if (CredentialCheck.FindForMinting(Request, State.Tokens) is { } refusal)
        {
            return refusal;
        }

        return ReadSeconds() is null
            ? new Refusal(400, "InvalidParameter", $"{LifetimeParameter} must be an integer in [1, {MaxSeconds}].")
            {
                IsNative = true,
            }
            : null;
    }

    protected override void WriteStandardHeaders(IHeaderDictionary headers) => headers["x-request-id"] = RequestId;

    private int? ReadSeconds()
    {
        if (!Request.Query.TryGetValue(LifetimeParameter, out var text))
        {
            return DefaultSeconds;
        }

        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1 and <= MaxSeconds
            ? seconds
            : null;
    }
}
