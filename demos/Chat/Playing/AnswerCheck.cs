namespace Connectors.Qwen.Demos.Chat.Playing;

/// <summary>What arrived, compared character by character with what was said.</summary>
/// <param name="Lost">Characters that were said and did not arrive.</param>
/// <param name="Repeated">Characters that arrived and were not said, or not as often.</param>
internal readonly record struct AnswerCheck(int Lost, int Repeated)
{
    /// <summary>Everything between the common beginning and the common end differs: missing on one side, too much on the other.</summary>
    public static AnswerCheck Compare(string said, string arrived)
    {
        var shorter = Math.Min(said.Length, arrived.Length);
        var start = said.AsSpan().CommonPrefixLength(arrived);
        var end = 0;
        while (end < shorter - start && said[^(end + 1)] == arrived[^(end + 1)])
        {
            end++;
        }

        return new AnswerCheck(said.Length - start - end, arrived.Length - start - end);
    }
}
