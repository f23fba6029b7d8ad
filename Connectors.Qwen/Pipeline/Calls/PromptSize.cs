using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>How large a prompt is: what the first-token clock and the messages about timeouts go by. An estimate.</summary>
/// <param name="Bytes">UTF-8 bytes of text, and of data as it is sent.</param>
/// <param name="Tokens">Estimated tokens.</param>
internal readonly record struct PromptSize(long Bytes, long Tokens)
{
    // Recorded answers have 4.8 characters per token of English; a Chinese character is about two thirds of a token.
    private const double LatinPerToken = 4.8;
    private const double WidePerToken = 1.5;

    public static PromptSize Of(IReadOnlyList<ChatMessage> messages)
    {
        long latin = 0;
        long wide = 0;
        long data = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            var contents = messages[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                switch (contents[j])
                {
                    case TextContent { Text: { } text }:
                        Count(text, ref latin, ref wide);
                        break;
                    case FunctionResultContent { Result: string result }:
                        Count(result, ref latin, ref wide);
                        break;
                    case FunctionResultContent { Result: JsonElement result }:
                        Count(result.GetRawText(), ref latin, ref wide);
                        break;
                    case FunctionCallContent { Arguments: { } arguments }:
                        Count(arguments, ref latin, ref wide);
                        break;
                    // As text, as it is sent; the decoded bytes would be made for nothing.
                    case DataContent content:
                        data += content.Uri.Length;
                        break;
                }
            }
        }

        return new PromptSize(latin + (3 * wide) + data, Estimate(latin, wide));
    }

    /// <summary>The estimated tokens of a text.</summary>
    public static long TokensOf(string text)
    {
        long latin = 0;
        long wide = 0;
        Count(text, ref latin, ref wide);
        return Estimate(latin, wide);
    }

    /// <summary>The same where only the length is known.</summary>
    public static long TokensOf(long characters)
    {
        return Estimate(characters, 0);
    }

    private static long Estimate(long latin, long wide)
    {
        return (long)((latin / LatinPerToken) + (wide / WidePerToken));
    }

    private static void Count(IDictionary<string, object?> arguments, ref long latin, ref long wide)
    {
        foreach (var (name, value) in arguments)
        {
            Count(name, ref latin, ref wide);
            Count((value is JsonElement json ? json.GetRawText() : value as string) ?? "", ref latin, ref wide);
        }
    }

    private static void Count(string text, ref long latin, ref long wide)
    {
        var rest = text.AsSpan();
        int next;
        // Vectorized: a prompt of a megabyte costs microseconds.
        while ((next = rest.IndexOfAnyExceptInRange('\0', '\u07ff')) >= 0)
        {
            latin += next;
            rest = rest[next..];
            var end = rest.IndexOfAnyInRange('\0', '\u07ff');
            var run = end < 0 ? rest.Length : end;
            wide += run;
            rest = rest[run..];
        }

        latin += rest.Length;
    }
}
