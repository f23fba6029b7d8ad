using System.Globalization;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>What one call of a soak asks for, in which form, and what the model says to it.</summary>
internal sealed record SoakQuestion(int Number, string Model, bool IsStreaming, SoakAnswer Answer)
{
    /// <summary>Thinks always, and so never goes on with an answer; answers in streams only.</summary>
    public const string Reasoner = "qwq-plus";

    // Thinks unless it is told not to, and does so in streams only.
    private const string Hybrid = "qwen3-8b";

    public static readonly string[] Models = ["qwen3-max", "qwen-plus", "qwen-flash", Hybrid, Reasoner];

    /// <summary>Whether the model answers in streams only.</summary>
    public bool IsStreamOnly => Model is Hybrid or Reasoner;

    /// <summary>Whether the server sees a stream, once the client knows its models.</summary>
    public bool IsStreamed => IsStreaming || IsStreamOnly;

    /// <summary>Whether the text may break off, and be whole in the end.</summary>
    public bool MayBreak => Model != Reasoner;

    public ChatMessage[] Messages => [new(ChatRole.User, $"{Number}. What does the pipeline carry, 什么?")];

    public ChatOptions Options =>
        new() { ModelId = Model, Tools = Answer.Arguments is null ? null : [SoakAnswer.Tool] };

    public static SoakQuestion Draw(Random random, int number)
    {
        var model = Models[random.Next(Models.Length)];
        return new(number, model, random.Next(2) == 0, SoakAnswer.Draw(random, number, model is Hybrid or Reasoner));
    }

    /// <summary>The number of the call that a request belongs to.</summary>
    public static int NumberIn(QwenSimulatedRequest request)
    {
        var question = request.LastUserText;
        return int.Parse(question.AsSpan(0, question.IndexOf('.')), CultureInfo.InvariantCulture);
    }

    public override string ToString()
    {
        return $"call {Number}, {Model}, {(IsStreaming ? "streaming" : "whole")}, {Answer}";
    }
}
