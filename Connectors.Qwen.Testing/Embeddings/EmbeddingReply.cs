using System.Text.Json;
using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Json;
using Connectors.Qwen.Testing.Replies;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Embeddings;

/// <summary>The reply to a request for embeddings.</summary>
internal sealed class EmbeddingReply(ReplyContext context) : Reply(context)
{
    public override bool IsStream => false;

    public override PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null)
    {
        var input = new EmbeddingInput(Request.Body, State.EmbeddingModels);
        var tokens = input.Texts.Sum(static text => Math.Max(1, TokenCount.Of(text)));
        var body = JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            for (var i = 0; i < input.Texts.Count; i++)
            {
                Write(writer, input, i);
            }

            writer.WriteEndArray();
            writer.WriteText("model", Request.Model);
            writer.WriteText("object", "list");
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", tokens);
            writer.WriteNumber("total_tokens", tokens);
            writer.WriteEndObject();
            writer.WriteText("id", RequestId);
            writer.WriteEndObject();
        });
        return new PreparedAnswer(StatusCodes.Status200OK, body, []);
    }

    protected override Refusal? FindRefusal() =>
        CredentialCheck.Find(Request, State.Tokens)
        ?? EmbeddingChecks.Find(Request, State.EmbeddingModels, State.RejectsUnknownModels);

    protected override void WriteStandardHeaders(IHeaderDictionary headers)
    {
        headers["x-request-id"] = RequestId;
        headers["x-dashscope-call-gateway"] = "true";
        headers.Server = "istio-envoy";
    }

    private static void Write(Utf8JsonWriter writer, EmbeddingInput input, int index)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("embedding");
        foreach (var number in EmbeddingVector.Of(input.Texts[index], input.Length))
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
        writer.WriteNumber("index", index);
        writer.WriteText("object", "embedding");
        writer.WriteEndObject();
    }
}
