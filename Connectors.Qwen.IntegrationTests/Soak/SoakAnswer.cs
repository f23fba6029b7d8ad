using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>What the model says in one call: no other call is told the same, and no part of it is said twice.</summary>
/// <param name="Reasoning">What it thinks; empty for nothing.</param>
/// <param name="Text">What it says.</param>
/// <param name="Arguments">What it calls <see cref="Tool"/> with; null where it does not.</param>
internal sealed record SoakAnswer(int Number, string Reasoning, string Text, string? Arguments)
{
    public static readonly AITool Tool = AIFunctionFactory
        .Create(static (string place, int[] days) => place + days.Length, "look_up")
        .AsDeclarationOnly();

    private const int ChunkLength = 8;

    private static readonly CompositeFormat[] Sentences =
    [
        CompositeFormat.Parse("Bridge {0} of road {1} was opened in the spring of its year. "),
        CompositeFormat.Parse("第{0}句属于第{1}个问题：一个字都不能丢，也不能重复。"),
        CompositeFormat.Parse("🚀🧩 {0}/{1} 👩‍👩‍👧 "),
        CompositeFormat.Parse("\n\n- item {0} of list {1}: `code();`\n"),
        CompositeFormat.Parse("naïve café {0}, Ångström {1} — \"quoted\", \\escaped\\.\t"),
        CompositeFormat.Parse("ha{0} ha{0} ha{1} "),
    ];

    public int ReasoningChunks => Count(Reasoning);

    public int TextChunks => Count(Text);

    /// <summary>The first chunk of a call names it, the others bring its arguments.</summary>
    public int CallChunks => Arguments is null ? 0 : 1 + Count(Arguments);

    public int WordChunks => ReasoningChunks + TextChunks;

    /// <summary>Its calls as "id name arguments", these as the serializer writes them.</summary>
    public string[] Calls =>
        Arguments is null ? [] : [$"call_{Number} look_up {JsonNode.Parse(Arguments)!.ToJsonString()}"];

    public static SoakAnswer Draw(Random random, int number, bool thinks)
    {
        var hasCall = random.Next(4) == 0;
        return new SoakAnswer(
            number,
            thinks ? Words(random, number, random.Next(20, 300)) : "",
            hasCall && random.Next(2) == 0
                ? ""
                : Words(random, number, random.Next(8) == 0 ? 0 : random.Next(20, 1200)),
            hasCall
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"place":"Köln 🚀 {{number}}","days":[1,2,{{number}}]}"""
                )
                : null
        );
    }

    public QwenSimulatedAnswer ToSimulated()
    {
        var answer = new QwenSimulatedAnswer { Text = Text, Reasoning = Reasoning.Length > 0 ? Reasoning : null };
        if (Arguments is not null)
        {
            answer.ToolCalls.Add(
                new QwenSimulatedToolCall
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"call_{Number}"),
                    Name = Tool.Name,
                    Arguments = Arguments,
                }
            );
        }

        return answer;
    }

    public override string ToString()
    {
        return $"{Reasoning.Length} + {Text.Length} characters{(Arguments is null ? "" : " and a call")}";
    }

    private static string Words(Random random, int number, int length)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"No. {number}: ");
        for (var sentence = 1; text.Length < length; sentence++)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, Sentences[random.Next(Sentences.Length)], sentence, number);
        }

        return text.Append(CultureInfo.InvariantCulture, $"End of {number}.").ToString();
    }

    // As the simulator cuts: never through a pair.
    private static int Count(string text)
    {
        var count = 0;
        for (var start = 0; start < text.Length; count++)
        {
            start += ChunkLength;
            start += start < text.Length && char.IsSurrogatePair(text[start - 1], text[start]) ? 1 : 0;
        }

        return count;
    }
}
