using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Makes embeddings of an answer, each in the place of its text, or says why that cannot be done.</summary>
internal static class EmbeddingAnswerMapper
{
    /// <param name="answer">What the server sent.</param>
    /// <param name="count">How many texts were sent.</param>
    /// <param name="dimensions">How long the vectors should be; null where that was left to the model.</param>
    public static EmbeddingAnswer ToAnswer(WireEmbeddings answer, int count, int? dimensions)
    {
        var data = answer.Data ?? [];
        if (data.Count != count)
        {
            return EmbeddingAnswer.Unusable($"holds {data.Count} embeddings for {count} texts");
        }

        var ordered = new Embedding<float>?[count];
        // The order is what the indexes say; servers that leave all of them out keep that of the texts.
        var isIndexed = data.Any(static item => item?.Index is not null);
        var length = dimensions;
        for (var i = 0; i < count; i++)
        {
            if (data[i]?.Vector is not { Length: > 0 } vector)
            {
                return EmbeddingAnswer.Unusable($"holds no vector at position {i}");
            }

            var place = isIndexed ? data[i]?.Index : i;
            if (place is not >= 0 || place >= count || ordered[place.Value] is not null)
            {
                return EmbeddingAnswer.Unusable("does not name the index of each text exactly once");
            }

            length ??= vector.Length;
            if (vector.Length != length)
            {
                var wanted = dimensions is null ? $"another of {length}" : $"{length} were asked for";
                // Whoever takes no notice of a parameter takes none the next time either.
                return EmbeddingAnswer.Unusable($"holds a vector of {vector.Length} dimensions; {wanted}") with
                {
                    IsPermanent = dimensions is not null,
                };
            }

            ordered[place.Value] = new Embedding<float>(vector) { ModelId = answer.Model };
        }

        return new EmbeddingAnswer(
            new GeneratedEmbeddings<Embedding<float>>(ordered.OfType<Embedding<float>>())
            {
                Usage = AnswerFacts.Usage(answer.Usage),
            },
            null
        );
    }
}

/// <summary>The embeddings of an answer, or why there are none.</summary>
internal readonly record struct EmbeddingAnswer(GeneratedEmbeddings<Embedding<float>>? Embeddings, string? Lack)
{
    /// <summary>Whether the same request would be answered so again.</summary>
    public bool IsPermanent { get; init; }

    public static EmbeddingAnswer Unusable(string lack)
    {
        return new EmbeddingAnswer(null, lack);
    }
}
