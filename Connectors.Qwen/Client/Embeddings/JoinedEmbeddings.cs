using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Client;

/// <summary>The answers of several requests as one: embeddings in their order, usage summed, and what each has to tell.</summary>
internal static class JoinedEmbeddings
{
    /// <exception cref="QwenException">The vectors are of different lengths: the model was changed between two requests.</exception>
    public static GeneratedEmbeddings<Embedding<float>> Of(IReadOnlyList<GeneratedEmbeddings<Embedding<float>>> answers)
    {
        var joined = new GeneratedEmbeddings<Embedding<float>>(answers.Sum(static answer => answer.Count));
        var length = answers[0][0].Dimensions;
        foreach (var answer in answers)
        {
            if (answer[0].Dimensions != length)
            {
                throw new QwenException(
                    QwenFailureKind.Protocol,
                    $"One request brought vectors of {length} dimensions and another of {answer[0].Dimensions}. Set Dimensions, so that all are alike."
                );
            }

            joined.AddRange(answer);
            if (answer.Usage is { } usage)
            {
                (joined.Usage ??= new UsageDetails()).Add(usage);
            }
        }

        joined.AdditionalProperties = Properties(answers);
        return joined;
    }

    private static AdditionalPropertiesDictionary? Properties(
        IReadOnlyList<GeneratedEmbeddings<Embedding<float>>> answers
    )
    {
        var texts = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var numbers = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long attempts = 0;
        foreach (var properties in answers.Select(static answer => answer.AdditionalProperties))
        {
            // Those who needed one request do not say so.
            attempts += properties?.GetValueOrDefault(QwenResponseProperties.Attempts) is int count ? count : 1;
            foreach (var (name, value) in properties ?? [])
            {
                if (value is string text)
                {
                    if (!texts.TryGetValue(name, out var known))
                    {
                        texts[name] = known = [];
                    }

                    known.Add(text);
                }
                else if (value is long number)
                {
                    // The longest wait: the requests went side by side.
                    numbers[name] = Math.Max(number, numbers.GetValueOrDefault(name));
                }
            }
        }

        var joined = new AdditionalPropertiesDictionary { [QwenResponseProperties.Attempts] = (int)attempts };
        foreach (var (name, value) in numbers)
        {
            joined[name] = value;
        }

        foreach (var (name, value) in texts)
        {
            joined[name] = string.Join(", ", value.Distinct());
        }

        return joined;
    }
}
