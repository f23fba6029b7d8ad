using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Client;

/// <summary>
/// Splits the texts of a call into requests that the model takes, sends a few of them at a time, and puts the answers together
/// in the order of the texts. The first failure ends the call. Thread-safe.
/// </summary>
internal sealed class EmbeddingBatches(
    IEmbeddingGenerator<string, Embedding<float>> sender,
    BatchLimits limits,
    int parallelism,
    ILogger logger
)
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> EmbedAsync(
        string[] texts,
        EmbeddingBatchOptions options,
        CancellationToken cancellationToken
    )
    {
        var size = limits.Of(options.Request.Model!);
        if (texts.Length <= size)
        {
            return await EmbedBatchAsync(texts, options, cancellationToken).ConfigureAwait(false);
        }

        var answers = new GeneratedEmbeddings<Embedding<float>>[((texts.Length - 1) / size) + 1];
        await Parallel
            .ForAsync(
                0,
                answers.Length,
                new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken },
                async (i, token) =>
                {
                    var start = i * size;
                    var batch = new ArraySegment<string>(texts, start, Math.Min(size, texts.Length - start));
                    try
                    {
                        answers[i] = await EmbedBatchAsync(batch, options, token).ConfigureAwait(false);
                    }
                    catch (QwenException e)
                    {
                        throw e.AsOutcome(
                            $"{e.Message} The request was for texts {start} to {start + batch.Count - 1} of {texts.Length} (counted from 0).",
                            e.Attempts
                        );
                    }
                }
            )
            .ConfigureAwait(false);
        return JoinedEmbeddings.Of(answers);
    }

    // Where the server takes fewer texts than was thought, in parts of as many as it says.
    private async Task<GeneratedEmbeddings<Embedding<float>>> EmbedBatchAsync(
        ArraySegment<string> batch,
        EmbeddingBatchOptions options,
        CancellationToken cancellationToken
    )
    {
        var model = options.Request.Model!;
        var limit = limits.Of(model);
        if (batch.Count <= limit)
        {
            try
            {
                return await sender.GenerateAsync(batch, options, cancellationToken).ConfigureAwait(false);
            }
            // A limit that the batch keeps explains nothing, and would not end.
            catch (QwenException e) when (e.MaxBatchSize < batch.Count)
            {
                limit = e.MaxBatchSize.Value;
                limits.Learn(model, limit);
                logger.BatchLimitLearned(model, limit, batch.Count);
            }
        }

        var answers = new List<GeneratedEmbeddings<Embedding<float>>>();
        for (var start = 0; start < batch.Count; start += limit)
        {
            var part = batch.Slice(start, Math.Min(limit, batch.Count - start));
            answers.Add(await EmbedBatchAsync(part, options, cancellationToken).ConfigureAwait(false));
        }

        return JoinedEmbeddings.Of(answers);
    }
}
