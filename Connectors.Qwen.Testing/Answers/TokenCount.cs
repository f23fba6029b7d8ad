using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Answers;

/// <summary>The simulator's tokenizer: four UTF-16 characters are one token.</summary>
internal static class TokenCount
{
    public const int CharactersPerToken = 4;

    public static int Of(string? text) => ((text?.Length ?? 0) + CharactersPerToken - 1) / CharactersPerToken;

    public static int OfPrompt(QwenSimulatedRequest request)
    {
        var characters = request.Messages.Items().Sum(message => message.Member("content").PlainText().Length);
        if (request.Tools.IsPresent())
        {
            characters += request.Tools.GetRawText().Length;
        }

        return Math.Max(1, (characters + CharactersPerToken - 1) / CharactersPerToken);
    }
}
