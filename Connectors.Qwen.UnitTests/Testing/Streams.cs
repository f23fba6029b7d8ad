using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Streams of updates as a script: text and updates are handed out, exceptions thrown, silence lasts for ever.</summary>
internal static class Streams
{
    public static readonly object Silence = new();

    public static async IAsyncEnumerable<ChatResponseUpdate> Of(
        object[] steps,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case string text:
                    yield return new ChatResponseUpdate(ChatRole.Assistant, text);
                    break;
                case ChatResponseUpdate update:
                    yield return update;
                    break;
                case Task task:
                    await task.WaitAsync(cancellationToken);
                    break;
                case Exception failure:
                    await Task.FromException(failure);
                    break;
                default:
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                    break;
            }
        }
    }

    public static async Task<List<ChatResponseUpdate>> ReadAllAsync(this IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        var updates = new List<ChatResponseUpdate>();
        await stream.CopyToAsync(updates);
        return updates;
    }

    /// <summary>Keeps what came, also when the stream then fails.</summary>
    public static async Task CopyToAsync(
        this IAsyncEnumerable<ChatResponseUpdate> stream,
        List<ChatResponseUpdate> updates
    )
    {
        await foreach (var update in stream)
        {
            updates.Add(update);
        }
    }

    public static string Text(this IEnumerable<ChatResponseUpdate> updates)
    {
        return string.Concat(updates.Select(update => update.Text));
    }
}
