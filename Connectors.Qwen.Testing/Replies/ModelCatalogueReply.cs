using System.Globalization;
using System.Text.Json;
using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Json;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The reply to a request for a page of the catalogue of models.</summary>
internal sealed class ModelCatalogueReply(ReplyContext context) : Reply(context)
{
    private const int DefaultPageSize = 10;
    private const int MaxPageSize = 100;

    public override bool IsStream => false;

    private int? PageNumber => ReadWhole("page_no", 1, int.MaxValue);

    private int? PageSize => ReadWhole("page_size", DefaultPageSize, MaxPageSize);

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null)
    {
        // A behaviour without checks may come here with a page that is none.
        var number = PageNumber ?? 1;
        var size = PageSize ?? DefaultPageSize;
        var first = (int)Math.Min((number - 1L) * size, State.Models.Count);
        var body = JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("output");
            writer.WriteNumber("total", State.Models.Count);
            writer.WriteNumber("page_no", number);
            writer.WriteNumber("page_size", size);
            writer.WriteStartArray("models");
            foreach (var model in State.Models.Skip(first).Take(size))
            {
                Write(writer, model);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteText("request_id", RequestId);
            writer.WriteEndObject();
        });
        return new PreparedAnswer(StatusCodes.Status200OK, body, []);
    }

    protected override Refusal? FindRefusal() =>
        CredentialCheck.FindForListing(Request, State.Tokens)
        ?? (PageNumber is null ? OutOfRange("page_no must be a positive integer.") : null)
        ?? (PageSize is null ? OutOfRange($"page_size must be an integer in [1, {MaxPageSize}].") : null);

    protected override void WriteStandardHeaders(IHeaderDictionary headers) => headers["x-request-id"] = RequestId;

    private static void Write(Utf8JsonWriter writer, QwenSimulatedModel model)
    {
        writer.WriteStartObject();
        writer.WriteText("model", model.Id);
        writer.WriteText("name", model.Id);
        writer.WriteText("description", "A simulated model.");
        writer.WriteText("provider", "qwen");
        WriteList(writer, "capabilities", model.Thinks(null) ? ["TG", "Reasoning"] : ["TG"]);
        WriteList(
            writer,
            "features",
            model.ContinuesPrefix
                ? ["function-calling", "structured-outputs", "prefix-completion", "cache"]
                : ["function-calling", "structured-outputs", "cache"]
        );
        writer.WriteStartObject("inference_metadata");
        WriteList(writer, "request_modality", ["Text"]);
        WriteList(writer, "response_modality", ["Text"]);
        writer.WriteEndObject();
        writer.WriteStartObject("model_info");
        WriteNumber(writer, "context_window", model.ContextWindow);
        WriteNumber(writer, "max_input_tokens", model.MaxInputTokens);
        WriteNumber(writer, "max_output_tokens", model.MaxOutputTokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } known)
        {
            writer.WriteNumber(name, known);
        }
    }

    private static void WriteList(Utf8JsonWriter writer, string name, string[] items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteText(item);
        }

        writer.WriteEndArray();
    }

    private static Refusal OutOfRange(string message) => new(400, "InvalidParameter", message) { IsNative = true };

    private int? ReadWhole(string name, int absent, int max)
    {
        if (!Request.Query.TryGetValue(name, out var text))
        {
            return absent;
        }

        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1
            && number <= max
            ? number
            : null;
    }
}
