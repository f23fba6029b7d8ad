using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connectors.Qwen.Credentials;

/// <summary>The content of a credential file: qwen-code's fields, and whatever else is there, which is kept.</summary>
/// <remarks>
/// Fields (qwen-code 0.24.4): <c>access_token</c>, <c>refresh_token</c>, <c>token_type</c>, <c>resource_url</c>, and <c>expiry_date</c> in
/// Unix milliseconds. Our own, <c>connectors_qwen</c>, says when the token was obtained and when the file was written, by the
/// writer's clock, and repeats the end it speaks of: where another program has changed that, it no longer counts.
/// </remarks>
internal sealed class CredentialDocument
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const string OurField = "connectors_qwen";

    // Of file systems that keep coarse times, and of slow disks.
    private static readonly TimeSpan SameClock = TimeSpan.FromSeconds(5);

    // Beyond it is no clock, but a file that was copied.
    private static readonly TimeSpan MaxShift = TimeSpan.FromDays(1);

    private readonly JsonObject _fields;

    private CredentialDocument(JsonObject fields)
    {
        _fields = fields;
    }

    public static CredentialDocument Empty => new([]);

    private string? AccessToken => Text("access_token");

    private string? RefreshToken => Text("refresh_token") is { Length: > 0 } token ? token : null;

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

    /// <summary>Whether this is that login, token by token.</summary>
    public bool Holds(QwenCredential credential)
    {
        return AccessToken == credential.AccessToken && RefreshToken == credential.RefreshToken;
    }

    /// <summary>The login, in the time of <paramref name="writtenAt"/>'s clock.</summary>
    /// <param name="writtenAt">When the file was last written.</param>
    /// <param name="now">The time.</param>
    public QwenCredential ToCredential(DateTimeOffset writtenAt, DateTimeOffset now)
    {
        var end = Moment(_fields, "expiry_date");
        var (obtained, written) = Ours(end);
        // Written just now, perhaps by a machine with another clock: what it says of times is moved to the clock of the file.
        var shift = written is { } then ? writtenAt - then : TimeSpan.Zero;
        var isOtherClock =
            (now - writtenAt).Duration() < RefreshPolicy.Pause
            && shift.Duration() > SameClock
            && shift.Duration() < MaxShift;
        if (!isOtherClock)
        {
            shift = TimeSpan.Zero;
        }

        return new QwenCredential(AccessToken!, end + shift, RefreshToken, ResourceUrl.Parse(Text("resource_url")))
        {
            ObtainedAt = obtained + shift ?? writtenAt,
        };
    }

    /// <summary>Puts a login in the place of the one that is there; every other field stays.</summary>
    /// <param name="credential">The login.</param>
    /// <param name="now">The time of the writing.</param>
    public void Set(QwenCredential credential, DateTimeOffset now)
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

        var ours = new JsonObject();
        SetMoment(_fields, "expiry_date", credential.ExpiresAt);
        SetMoment(ours, "expiry_date", credential.ExpiresAt);
        SetMoment(ours, "obtained_date", credential.ObtainedAt);
        SetMoment(ours, "written_date", now);
        _fields[OurField] = ours;
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
        return _fields[name] is null || Moment(_fields, name) is not null;
    }

    private (DateTimeOffset? Obtained, DateTimeOffset? Written) Ours(DateTimeOffset? end)
    {
        return _fields[OurField] is JsonObject ours && Moment(ours, "expiry_date") == end
            ? (Moment(ours, "obtained_date"), Moment(ours, "written_date"))
            : (null, null);
    }

    private static DateTimeOffset? Moment(JsonObject fields, string name)
    {
        // Milliseconds, in JavaScript a floating number. Beyond the year 9000 it is no time.
        return
            fields[name] is JsonValue value
            && value.GetValueKind() == JsonValueKind.Number
            && double.TryParse(
                value.ToJsonString(),
                NumberStyles.Float,
                CultureInfo.InvariantCulture,
                out var milliseconds
            )
            && milliseconds is >= 0 and < 221_845_000_000_000
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : null;
    }

    private static void SetMoment(JsonObject fields, string name, DateTimeOffset? moment)
    {
        if (moment is { } known)
        {
            fields[name] = known.ToUnixTimeMilliseconds();
        }
        else
        {
            fields.Remove(name);
        }
    }
}
