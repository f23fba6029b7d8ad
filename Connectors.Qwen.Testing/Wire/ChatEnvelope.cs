using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>What every chunk and completion of one answer has in common.</summary>
internal sealed record ChatEnvelope(string RequestId, string Model, long Created)
{
    public string Id => "chatcmpl-" + RequestId;

    public void WriteTail(Utf8JsonWriter writer)
    {
        writer.WriteNumber("created", Created);
        writer.WriteNull("system_fingerprint");
        writer.WriteText("model", Model);
        writer.WriteText("id", Id);
    }
}
