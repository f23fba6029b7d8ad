using System.Text;
using Connectors.Qwen.Testing.Behaviors;
using Connectors.Qwen.Testing.Behaviors.Streams;
using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing;

/// <summary>What the simulator does with one request. Immutable: one instance may be used for any number of requests.</summary>
/// <remarks>
/// <para>
/// Unless it is <see cref="Unchecked"/>, a behaviour only happens to requests that pass the credential and parameter checks; the
/// others are refused as usual.
/// </para>
/// <para>
/// Counts of chunks are counts of data events that carry text, reasoning or a piece of a tool call; the role chunk is sent before
/// and not counted. Where a request does not ask for a stream, and at the endpoints that hand out tokens, codes and keys, behaviours
/// about streams do what comes closest to the single JSON body, as each says.
/// </para>
/// </remarks>
public abstract class QwenBehavior
{
    private protected QwenBehavior() { }

    internal TimeSpan Delay { get; private set; }

    internal bool IsUnchecked { get; private set; }

    internal string? ContentCoding { get; private set; }

    internal bool ClosesAfter { get; private set; }

    /// <summary>Answers normally: with what the model says, or with the token, code or key.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Answer() => new AnswerBehavior(null);

    /// <summary>Answers with a text.</summary>
    /// <param name="text">The text, sent whole: neither a prefix nor a limit of the request is applied to it.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Answer(string text) => new AnswerBehavior(new QwenSimulatedAnswer { Text = text });

    /// <summary>Answers with an answer.</summary>
    /// <param name="answer">The answer, copied now and sent whole, as with <see cref="Answer(string)"/>.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Answer(QwenSimulatedAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return new AnswerBehavior(answer.Copy());
    }

    /// <summary>Answers with any status, body and headers.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">The content type; none is sent when empty.</param>
    /// <param name="headers">More headers. They replace the usual ones of the same name; an empty value removes.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Status(
        int status,
        string body,
        string contentType = "text/plain",
        params (string Name, string Value)[] headers
    ) => new BodyBehavior(status, contentType, Encoding.UTF8.GetBytes(body), headers);

    /// <summary>Answers with an error in the shape of the OpenAI-compatible endpoints.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The error code, for example <c>insufficient_quota</c>.</param>
    /// <param name="message">The error text.</param>
    /// <param name="type">The error type; when <see langword="null"/> the one that goes with the status.</param>
    /// <param name="headers">More headers, as with <see cref="Status"/>.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Error(
        int status,
        string code,
        string message,
        string? type = null,
        params (string Name, string Value)[] headers
    ) =>
        new ErrorBehavior(
            status,
            requestId =>
                ErrorBodies.Compatible(requestId, code, message, type ?? ErrorBodies.DefaultType(status, code)),
            headers
        );

    /// <summary>Answers with an error in the flat shape of the native endpoints.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The error code, for example <c>InvalidApiKey</c>.</param>
    /// <param name="message">The error text.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior NativeError(int status, string code, string message) =>
        new ErrorBehavior(status, requestId => ErrorBodies.Native(requestId, code, message), []);

    /// <summary>Answers as the gateway does when the model takes too long: 504 with the plain body <c>stream timeout</c>.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior StreamTimeout() => Status(504, "stream timeout");

    /// <summary>Answers with a redirect and no body.</summary>
    /// <param name="target">The value of <c>Location</c>.</param>
    /// <param name="status">The HTTP status.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Redirect(Uri target, int status = 307)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Status(status, "", "", ("Location", target.OriginalString));
    }

    /// <summary>Answers with any body, whatever form the request asked for.</summary>
    /// <param name="contentType">The content type.</param>
    /// <param name="body">The body.</param>
    /// <param name="status">The HTTP status.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Body(string contentType, string body, int status = 200) =>
        Status(status, body, contentType);

    /// <summary>Answers with a completion as one JSON body, whatever form the request asked for.</summary>
    /// <param name="json">The completion, sent as it is.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Completion(string json) => Body(ContentTypes.Json, json);

    /// <summary>Answers with an error in the shape of the OAuth endpoints.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="error">The error, for example <c>invalid_grant</c>, or <c>slow_down</c> for a poll (429 or 400).</param>
    /// <param name="description">The description; left out when <see langword="null"/>.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior TokenError(int status, string error, string? description = null) =>
        new ErrorBehavior(status, _ => ErrorBodies.OAuth(error, description), []);

    /// <summary>Answers a request for a token, code or key with any JSON and status 200.</summary>
    /// <param name="json">The body, sent as it is. No token is minted: take one from <see cref="QwenTokenAuthority.Issue"/>.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior TokenResponse(string json) => Body(ContentTypes.Json, json);

    /// <summary>Resets the TCP connection before anything is answered; the request has no effect.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior ResetBeforeHeaders() => new ResetBehavior();

    /// <summary>Does what was asked (refreshes, logs in, mints), and then resets the TCP connection instead of answering.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior LoseAnswer() => new LoseAnswerBehavior();

    /// <summary>Falls silent: on a stream after the headers, otherwise before them, until the client leaves or the simulator stops.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Silence() => new SilenceBehavior();

    /// <summary>Falls silent after some chunks; without a stream after half of the body.</summary>
    /// <param name="chunks">How many content-bearing chunks are sent; zero or more.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior StallAfter(int chunks) => new StallAfterBehavior(NotNegative(chunks));

    /// <summary>Resets the TCP connection after some chunks; without a stream after half of the body.</summary>
    /// <param name="chunks">How many content-bearing chunks are sent; zero or more.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior ResetAfter(int chunks) => new ResetAfterBehavior(NotNegative(chunks));

    /// <summary>Ends the body in order after some chunks, without a finish reason; without a stream after half of the body.</summary>
    /// <param name="chunks">How many content-bearing chunks are sent; zero or more.</param>
    /// <param name="withDone">Whether <c>data: [DONE]</c> is sent nevertheless, as gateways do.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior EndAfter(int chunks, bool withDone = false) =>
        new EndAfterBehavior(NotNegative(chunks), withDone);

    /// <summary>Reports an error inside the stream after some chunks and ends it; without a stream, the same error by HTTP status.</summary>
    /// <param name="chunks">How many content-bearing chunks are sent; zero or more.</param>
    /// <param name="shape">The shape of the error.</param>
    /// <param name="code">The error code.</param>
    /// <param name="message">The error text.</param>
    /// <param name="status">The HTTP status that the error would have had.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior ErrorFrameAfter(
        int chunks,
        QwenErrorFrame shape,
        string code,
        string message,
        int status = 500
    ) => new ErrorFrameBehavior(NotNegative(chunks), shape, code, message, status);

    /// <summary>Sends a data line that is not JSON after some chunks, then goes on; without a stream, that line is the body.</summary>
    /// <param name="chunks">How many content-bearing chunks are sent before; zero or more.</param>
    /// <param name="data">What follows <c>data: </c>.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior MalformedAfter(int chunks, string data = "{\"choices\":[{\"delta\":{\"content\":\"x") =>
        new MalformedBehavior(NotNegative(chunks), data);

    /// <summary>Sends <c>: keep-alive</c> comments, then answers normally; without a stream the comments are left out.</summary>
    /// <param name="count">How many comments.</param>
    /// <param name="interval">The pause after each.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Comments(int count, TimeSpan interval) =>
        new CommentsBehavior(NotNegative(count), interval);

    /// <summary>Answers 200 with an empty body.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Empty() => new EmptyBehavior();

    /// <summary>Answers with usage and no choice.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior UsageOnly() => new UsageOnlyBehavior();

    /// <summary>Answers completely but without any content: role, finish reason <c>stop</c>, usage.</summary>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior RoleOnly() => Answer("");

    /// <summary>Answers with an event stream of given data lines, whatever form the request asked for. Replays recordings.</summary>
    /// <param name="dataLines">What follows <c>data: </c>, one event each; read now.</param>
    /// <param name="done">Whether <c>data: [DONE]</c> follows.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Stream(IEnumerable<string> dataLines, bool done = true)
    {
        ArgumentNullException.ThrowIfNull(dataLines);
        return new StreamBehavior(dataLines, done);
    }

    /// <summary>Answers with an event stream of given bytes, whatever form the request asked for.</summary>
    /// <param name="bytes">The body.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior RawStream(ReadOnlyMemory<byte> bytes) =>
        new BodyBehavior(200, ContentTypes.EventStream, bytes.ToArray(), []);

    /// <summary>Replays a recording: <see cref="Stream"/> when a stream is asked for, otherwise <see cref="Completion"/>.</summary>
    /// <param name="dataLines">The data lines of the stream; read now.</param>
    /// <param name="completionJson">The completion.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Replay(IEnumerable<string> dataLines, string completionJson) =>
        new ReplayBehavior(Stream(dataLines), Completion(completionJson));

    /// <summary>Answers with a body that has no end: it goes on until the client leaves or the simulator stops.</summary>
    /// <param name="contentType">The content type.</param>
    /// <param name="start">What the body begins with.</param>
    /// <param name="block">What then is repeated; nothing more comes when it is empty.</param>
    /// <param name="status">The HTTP status.</param>
    /// <returns>The behaviour.</returns>
    public static QwenBehavior Endless(string contentType, string start, string block, int status = 200) =>
        new EndlessBehavior(status, contentType, Encoding.UTF8.GetBytes(start), Encoding.UTF8.GetBytes(block));

    /// <summary>Waits before doing anything, the checks included.</summary>
    /// <param name="delay">How long, by the simulator's clock; added to a delay that is there already.</param>
    /// <returns>A behaviour that differs in this only.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    public QwenBehavior After(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        var copy = (QwenBehavior)MemberwiseClone();
        copy.Delay += delay;
        return copy;
    }

    /// <summary>Skips the checks: it happens to every request, also to one with a wrong credential.</summary>
    /// <returns>A behaviour that differs in this only.</returns>
    public QwenBehavior Unchecked()
    {
        var copy = (QwenBehavior)MemberwiseClone();
        copy.IsUnchecked = true;
        return copy;
    }

    /// <summary>Compresses the body, whatever the client asked for, as some gateways do.</summary>
    /// <param name="encoding"><c>gzip</c>, <c>br</c> or <c>deflate</c>.</param>
    /// <returns>A behaviour that differs in this only.</returns>
    /// <exception cref="ArgumentException"><paramref name="encoding"/> is something else.</exception>
    public QwenBehavior Encoded(string encoding)
    {
        if (encoding is not ("gzip" or "br" or "deflate"))
        {
            throw new ArgumentException("gzip, br and deflate are known.", nameof(encoding));
        }

        var copy = (QwenBehavior)MemberwiseClone();
        copy.ContentCoding = encoding;
        return copy;
    }

    /// <summary>Closes the connection after the answer without having said so, as a gateway does with an idle one.</summary>
    /// <returns>A behaviour that differs in this only.</returns>
    public QwenBehavior ThenClose()
    {
        var copy = (QwenBehavior)MemberwiseClone();
        copy.ClosesAfter = true;
        return copy;
    }

    internal abstract Task RunAsync(Reply reply);

    private static int NotNegative(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count;
    }
}
