// The tokens are an evaluation feature of Microsoft.Extensions.AI: used only for callers who switch it on.
#pragma warning disable MEAI001

using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>Gives each update of an answer the token with which another process can go on after it. Not thread-safe.</summary>
internal sealed class ResumeTokens(FormRequest ask, TimeProvider time)
{
    private readonly ulong _conversation = Fingerprint.Of(ask.Options?.Instructions, ask.Messages);
    private Fingerprint _text = new();
    private bool _isFinished;

    /// <summary>Tokens for those who ask for them; null for the others.</summary>
    public static ResumeTokens? For(FormRequest ask, TimeProvider time)
    {
        return ask.Options?.AllowBackgroundResponses == true ? new ResumeTokens(ask, time) : null;
    }

    /// <summary>Counts what was said before.</summary>
    public void Add(string said)
    {
        _text.Add(said);
    }

    /// <summary>The update with its token; without one from the finish reason on, because then there is nothing to go on with.</summary>
    public ChatResponseUpdate Stamp(ChatResponseUpdate update)
    {
        foreach (var content in update.Contents)
        {
            _text.Add((content as TextContent)?.Text);
        }

        _isFinished |= update.FinishReason is not null;
        if (_isFinished)
        {
            return update;
        }

        var token = new ResumeToken
        {
            Model = ask.Model.Name,
            Conversation = _conversation,
            Text = _text.Value,
            Length = _text.Length,
            IssuedAt = time.GetUtcNow(),
            ResponseId = update.ResponseId,
            MessageId = update.MessageId,
        };
        var copy = update.Clone();
        copy.ContinuationToken = ResponseContinuationToken.FromBytes(token.ToBytes());
        return copy;
    }
}
