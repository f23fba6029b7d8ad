using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// A stream that was opened and read until something was committed (or it ended): up to there a failure may still be
/// answered by another attempt. What was read on the way is held and handed out first.
/// </summary>
internal sealed class CommittedStream : IAsyncEnumerator<ChatResponseUpdate>
{
    // The updates read so far, the committing one included.
    private readonly List<ChatResponseUpdate> _held = new(1);
    private readonly IAsyncEnumerator<ChatResponseUpdate> _rest;
    private int _handedOut;
    private bool _isHeld;

    private CommittedStream(IAsyncEnumerator<ChatResponseUpdate> rest)
    {
        _rest = rest;
    }

    public ChatResponseUpdate Current => _isHeld ? _held[_handedOut - 1] : _rest.Current;

    /// <summary>Opens the stream as an attempt of <paramref name="call"/>, which the inner clients find.</summary>
    public static async Task<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(
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
            while (await stream._rest.MoveNextAsync().ConfigureAwait(false))
            {
                var update = stream._rest.Current;
                // Of the many pieces of a tool call that only say "something came", one is enough to hold.
                if (stream._held is not [.., var last] || !IsProgress(last) || !IsProgress(update))
                {
                    stream._held.Add(update);
                }

                if (CommitLevels.Of(update) > CommitLevel.Nothing)
                {
                    break;
                }

                // Something came, if nothing to show: a tool call may take longer to arrive than a first word may.
                if (update is not SilentUpdate)
                {
                    call.Clock?.Restart();
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

    /// <summary>A whole answer in the place of a stream: everything of it is there at once.</summary>
    public static IAsyncEnumerator<ChatResponseUpdate> Of(ChatResponse whole)
    {
        var stream = new CommittedStream(AsyncEnumerable.Empty<ChatResponseUpdate>().GetAsyncEnumerator());
        stream._held.AddRange(AnswerUpdates.Of(whole));
        return stream;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        _isHeld = _handedOut < _held.Count;
        if (_isHeld)
        {
            _handedOut++;
            return new(true);
        }

        return _rest.MoveNextAsync();
    }

    public ValueTask DisposeAsync()
    {
        return _rest.DisposeAsync();
    }

    private static bool IsProgress(ChatResponseUpdate update)
    {
        return update
            is {
                Contents.Count: 0,
                FinishReason: null,
                AdditionalProperties: null,
                ConversationId: null,
                RawRepresentation: null
            };
    }
}
