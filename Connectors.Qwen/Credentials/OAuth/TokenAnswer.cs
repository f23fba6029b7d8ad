using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Credentials;

/// <summary>What an authorization server answers: tokens, a device code, or an error (RFC 6749, RFC 8628).</summary>
internal sealed class TokenAnswer
{
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; set; }

    // Whatever stands in the fields that may be missing, it must not cost the token beside them.
    [JsonPropertyName("refresh_token")]
    public JsonElement RefreshToken { get; set; }

    // Seconds; seen as number and as text.
    [JsonPropertyName("expires_in")]
    public JsonElement ExpiresIn { get; set; }

    [JsonPropertyName("resource_url")]
    public JsonElement ResourceUrl { get; set; }

    [JsonPropertyName("device_code")]
    public string? DeviceCode { get; set; }

    [JsonPropertyName("user_code")]
    public string? UserCode { get; set; }

    [JsonPropertyName("verification_uri")]
    public string? VerificationUri { get; set; }

    [JsonPropertyName("verification_uri_complete")]
    public string? VerificationUriComplete { get; set; }

    [JsonPropertyName("interval")]
    public JsonElement Interval { get; set; }

    // The vendor's server has also said "pending" here, with a 200.
    [JsonPropertyName("status")]
    public JsonElement Status { get; set; }

    [JsonPropertyName("error")]
    public JsonElement Error { get; set; }

    /// <summary>The error as the server names it; not for messages, see <see cref="ServerWords"/>.</summary>
    [JsonIgnore]
    public string? ErrorCode => Text(Error);

    [JsonIgnore]
    public bool IsPending => Status.ValueKind == JsonValueKind.String && Status.ValueEquals("pending");

    /// <summary>The tokens as a login; what the answer leaves out is kept from the old one.</summary>
    /// <exception cref="ArgumentException">The access token cannot be one.</exception>
    public QwenCredential ToCredential(DateTimeOffset now, QwenCredential? old)
    {
        return new QwenCredential(
            AccessToken!,
            now + Seconds(ExpiresIn, TimeSpan.FromHours(1)),
            Text(RefreshToken) ?? old?.RefreshToken,
            Credentials.ResourceUrl.Parse(Text(ResourceUrl)) ?? old?.Endpoint
        )
        {
            ObtainedAt = now,
        };
    }

    /// <summary>A number of seconds; the default where it is missing or no life.</summary>
    public static TimeSpan Seconds(JsonElement value, TimeSpan otherwise)
    {
        double? seconds = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var number) => number,
            JsonValueKind.String
                when double.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => null,
        };
        return seconds is > 0 and < 1e9 ? TimeSpan.FromSeconds(seconds.Value) : otherwise;
    }

    private static string? Text(JsonElement value)
    {
        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
    }
}

[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJsonContext : JsonSerializerContext;
