using System.Buffers;
using System.Text.Json;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// Where an answer stands, for a process that goes on with it after this one has died: what was asked and said is told apart by
/// fingerprints, so the token holds neither, and is small. It holds no secret either.
/// </summary>
internal sealed record ResumeToken
{
    private const string Kind = "connectors.qwen.resume";
    private const int Version = 1;
    private const int MaxBytes = 2048;
    private const int LongestName = 200;

    // The conversation goes on; an answer of yesterday is asked for anew.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    public required string Model { get; init; }

    public required ulong Conversation { get; init; }

    public required ulong Text { get; init; }

    public required long Length { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public string? ResponseId { get; init; }

    public string? MessageId { get; init; }

    /// <summary>Reads what a caller gives back.</summary>
    /// <exception cref="ArgumentException">It was not made here, by a newer version, or too long ago.</exception>
    public static ResumeToken Parse(ReadOnlyMemory<byte> bytes, DateTimeOffset now)
    {
        var token = bytes.Length <= MaxBytes ? Read(bytes) : null;
        if (token is null)
        {
            throw Refused("it does not come from this client");
        }

        var age = now - token.IssuedAt;
        return age <= Lifetime
            ? token
            : throw Refused(
                FormattableString.Invariant($"it is {age.TotalHours:0} hours old, and lasts {Lifetime.TotalHours:0}")
            );
    }

    /// <summary>Why a token cannot be used.</summary>
    public static ArgumentException Refused(string reason)
    {
        return new ArgumentException(
            $"ChatOptions.ContinuationToken cannot be used: {reason}. Ask without it for the whole answer."
        );
    }

    public ReadOnlyMemory<byte> ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        json.WriteNumber("v", Version);
        json.WriteString("model", Model);
        json.WriteNumber("asked", Conversation);
        json.WriteNumber("said", Text);
        json.WriteNumber("length", Length);
        json.WriteNumber("at", IssuedAt.ToUnixTimeSeconds());
        WriteName(json, "response", ResponseId);
        WriteName(json, "message", MessageId);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteName(Utf8JsonWriter json, string name, string? value)
    {
        if (value is { Length: <= LongestName })
        {
            json.WriteString(name, value);
        }
    }

    private static ResumeToken? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var json = document.RootElement;
            if (json.GetProperty("kind").GetString() != Kind)
            {
                return null;
            }

            if (json.GetProperty("v").GetInt32() > Version)
            {
                throw Refused("a newer version of this library has made it");
            }

            return new ResumeToken
            {
                Model = json.GetProperty("model").GetString()!,
                Conversation = json.GetProperty("asked").GetUInt64(),
                Text = json.GetProperty("said").GetUInt64(),
                Length = json.GetProperty("length").GetInt64(),
                IssuedAt = DateTimeOffset.FromUnixTimeSeconds(json.GetProperty("at").GetInt64()),
                ResponseId = json.TryGetProperty("response", out var response) ? response.GetString() : null,
                MessageId = json.TryGetProperty("message", out var message) ? message.GetString() : null,
            };
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
                        or ArgumentOutOfRangeException
            )
        {
            // Somebody else's bytes.
            return null;
        }
    }
}
