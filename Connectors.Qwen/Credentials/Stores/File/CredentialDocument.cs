using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connectors.Qwen.Credentials;

/// <summary>The content of a credential file: qwen-code's fields, and whatever else is there, which is kept.</summary>
/// <remarks>
/// Fields (qwen-code 0.24.4): <c>access_token</c>, <c>refresh_token</c>, <c>token_type</c>, <c>resource_url</c>, and <c>expiry_date</c> in
/// Unix milliseconds. Our own <c>obtained_date</c>, in milliseconds too, says how long the token was made to live.
/// </remarks>
internal sealed class CredentialDocument
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonObject _fields;

    private CredentialDocument(JsonObject fields)
    {
        _fields = fields;
    }

    public static CredentialDocument Empty => new([]);

    public string? RefreshToken => Text("refresh_token");

    /// <summary>Reads a file's bytes; null with the reason when they are no login. The reason never quotes them.</summary>
    public static CredentialDocument? Parse(ReadOnlySpan<byte> json, out string? flaw)
    {
        // Editors on Windows put it there; qwen-code would not.
        json = json is [0xEF, 0xBB, 0xBF, .. var rest] ? rest : json;
        if (json.IsEmpty)
        {
            flaw = "it is empty";
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            var node = JsonNode.Parse(ref reader);
            flaw = reader.Read() ? "it is not JSON" : null;
            if (flaw is null && node is JsonObject fields)
            {
                var document = new CredentialDocument(fields);
                flaw = document.Flaw();
                // What cannot be written again is said now, not when a refresh token has been spent.
                document.WriteTo(Stream.Null);
                return flaw is null ? document : null;
            }

            flaw ??= "it is not a JSON object";
        }
        // A name that is there twice, or half a character, shows only when the object is used.
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            flaw = "it is not JSON";
        }

        return null;
    }

    /// <summary>The login, in the time of <paramref name="writtenAt"/>'s clock.</summary>
    /// <param name="writtenAt">When the file was last written.</param>
    /// <param name="now">The time.</param>
    public QwenCredential ToCredential(DateTimeOffset writtenAt, DateTimeOffset now)
    {
        var end = Moment("expiry_date");
        var obtained = Moment("obtained_date");
        // Written just now, perhaps by a machine with another clock: it counts from the writing, for as long as it was made to live.
        var isJustWritten = (now - writtenAt).Duration() < RefreshPolicy.Pause;
        if (isJustWritten && end - obtained is { } life && life > TimeSpan.Zero)
        {
            end = writtenAt + life;
            obtained = writtenAt;
        }

        return new QwenCredential(
            Text("access_token")!,
            end,
            RefreshToken is { Length: > 0 } refreshToken ? refreshToken : null,
            ResourceUrl.Parse(Text("resource_url"))
        )
        {
            ObtainedAt = obtained ?? writtenAt,
        };
    }

    /// <summary>Puts a login in the place of the one that is there; every other field stays.</summary>
    public void Set(QwenCredential credential)
    {
        _fields["access_token"] = credential.AccessToken;
        _fields["refresh_token"] = credential.RefreshToken ?? "";
        if (string.IsNullOrEmpty(Text("token_type")))
        {
            _fields["token_type"] = "Bearer";
        }

        // The server's own spelling stays as long as it means the same.
        if (credential.Endpoint is { } endpoint && endpoint != ResourceUrl.Parse(Text("resource_url")))
        {
            _fields["resource_url"] = endpoint.AbsoluteUri;
        }

        SetMoment("expiry_date", credential.ExpiresAt);
        SetMoment("obtained_date", credential.ObtainedAt);
    }

    public void WriteTo(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, Indented);
        _fields.WriteTo(writer);
    }

    private string? Flaw()
    {
        return Text("access_token") is not { Length: > 0 } token ? "access_token is missing or not a text"
            : token.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? "access_token holds a space, a line break or a character outside ASCII"
            : HasOther("refresh_token", JsonValueKind.String) ? "refresh_token is not a text"
            : HasOther("resource_url", JsonValueKind.String) ? "resource_url is not a text"
            : Text("resource_url") is { Length: > 0 } url && ResourceUrl.Parse(url) is null
                ? "resource_url is not an address"
            : HasOther("expiry_date", JsonValueKind.Number) || !IsMoment("expiry_date")
                ? "expiry_date is not a number of milliseconds"
            : null;
    }

    private bool HasOther(string name, JsonValueKind kind)
    {
        return _fields[name] is { } value && value.GetValueKind() != kind;
    }

    private string? Text(string name)
    {
        return _fields[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : null;
    }

    private bool IsMoment(string name)
    {
        return _fields[name] is null || Moment(name) is not null;
    }

    private DateTimeOffset? Moment(string name)
    {
        // Milliseconds, in JavaScript a floating number. Beyond the year 9999 it is no time.
        return
            _fields[name] is JsonValue value
            && value.GetValueKind() == JsonValueKind.Number
            && double.TryParse(
                value.ToJsonString(),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var milliseconds
            )
            && milliseconds is >= 0 and < 253_402_300_000_000
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : null;
    }

    private void SetMoment(string name, DateTimeOffset? moment)
    {
        if (moment is { } known)
        {
            _fields[name] = known.ToUnixTimeMilliseconds();
        }
        else
        {
            _fields.Remove(name);
        }
    }
}
