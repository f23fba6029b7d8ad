namespace Connectors.Qwen.Testing.Embeddings;

/// <summary>Made-up vectors: of length one, the same for the same text, and close to each other for texts that share words.</summary>
internal static class EmbeddingVector
{
    public static float[] Of(string text, int length)
    {
        var vector = new double[length];
        // The whole text too, so that other texts of the same words are other vectors.
        Add(vector, text, 0.1);
        foreach (var word in text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Add(vector, word, 1);
        }

        var norm = Math.Sqrt(vector.Sum(static number => number * number));
        return [.. vector.Select(number => (float)(number / norm))];
    }

    // Four places for each word, so that two words rarely meet in all of them.
    private static void Add(double[] vector, string word, double weight)
    {
        var hash = Hash(word);
        for (var i = 0; i < 4; i++)
        {
            vector[hash % (ulong)vector.Length] += weight;
            hash = (hash / (ulong)vector.Length) ^ (hash * 0x9E3779B97F4A7C15UL);
        }
    }

    // FNV-1a: the hash of the runtime differs from process to process.
    private static ulong Hash(string word)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in word)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }

        return hash;
    }
}
