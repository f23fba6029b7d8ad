using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// A stream that was opened and read until something was committed (or it ended): up to there a failure may still be
/// answered by another attempt. What was read on the way is held and handed out first.
/// </summary>
internal sealed class CommittedStream : IAsyncDisposable
{
    private CommittedStream(IAsyncEnumerator<ChatResponseUpdate> rest)
    {
        Rest = rest;
    }

    /// <summary>The updates read so far, the committing one included.</summary>
    public List<ChatResponseUpdate> Held { get; } = new(1);

    /// <summary>The updates still to come.</summary>
    public IAsyncEnumerator<ChatResponseUpdate> Rest { get; }

    /// <summary>Opens the stream as an attempt of <paramref name="call"/>, which the inner clients find.</summary>
    public static async ValueTask<CommittedStream> OpenAsync(
        IChatClient inner,
        MessageSnapshot messages,
        ChatOptions? options,
        QwenCall call,
        CancellationToken cancellationToken
    )
    {
        call.EnterAttempt();
        var stream = new CommittedStream(
            inner.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken)
        );
        try
        {
            while (await stream.Rest.MoveNextAsync().ConfigureAwait(false))
            {
                stream.Held.Add(stream.Rest.Current);
                if (CommitLevels.Of(stream.Rest.Current) > CommitLevel.Nothing)
                {
                    break;
                }
            }

            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        return Rest.DisposeAsync();
    }
}
