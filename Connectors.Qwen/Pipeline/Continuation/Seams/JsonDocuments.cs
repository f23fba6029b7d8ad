using System.Text.Json;

namespace Connectors.Qwen.Pipeline;

/// <summary>Whether a text is one JSON document: an answer that was gone on with was not held to it by the server. Pure.</summary>
internal static class JsonDocuments
{
    public static bool Is(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
