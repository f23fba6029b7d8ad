namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>What can happen by time, on the way, at the server, and on the caller's side.</summary>
internal static class TransportRows
{
    public static FaultGroup Group { get; } =
        FaultGroup.Parse(
            "Time, transport, server",
            """
            T1 | 504 "stream timeout" before the first byte, once | retried; the answer
            T2 | streams always end in 504, whole answers come | after one retry the answer comes without streaming, as updates, marked so
            T3 | 504 on everything | ServerTimeout in bounded time: requests, time waited, size of the prompt, advice
            T4 | 500, 502, 503 or 529, once | retried; the answer
            T5 | 429 with `Retry-After` | waited for up to the cap; above it RateLimited at once, with the time
            T6 | 429 that means a used-up quota | QuotaExhausted at once, with the time of the reset where it is told
            T7 | 429 `insufficient_quota` that is a throttle of a minute | waits of about 5, 20 and 40 s; the form never changes
            T8 | connection refused, name unknown, certificate not trusted | retried, then Connection; a certificate is never retried
            T9 | connection reset before the headers | retried; the answer
            T10 | headers, then silence | first-token timeout, one retry, then without streaming; the answer
            T11 | silence after some words | continued where it broke, exactly once; where that cannot be: typed error with the text
            T12 | connection reset after some words | as T11
            T13 | the stream ends without a finish reason, with or without `[DONE]` | taken for a cut: as T11; if nothing more comes it was whole, and ends as such
            T14 | an error inside the stream before the first word | treated as the HTTP error that it stands for
            T15 | an error inside the stream after some words | of a passing kind: as T11; otherwise a typed error with the text so far
            T16 | `error_finish` with an error for its content | as T14 and T15; the words of the error are never the answer
            T17 | a native `event:error` with its status | as T14 and T15
            T18 | broken JSON in the stream | before the first word retried, afterwards as T11; an error carries the bad data
            T19 | comments or keep-alive lines and nothing else | they are no words, and do not keep a dead stream alive
            T20 | bytes split anywhere: inside characters, line ends, fields | the same answer as unsplit
            T21 | an event or a body without end, compressed or not | bounded memory and a clear error
            T22 | 200 with something else than a stream | a whole answer is accepted; anything else is an error that names the content type
            T23 | an answer of nothing | retried, then EmptyResponse
            T24 | usage after the end; a second finish chunk | usage is told once, and one finish reason
            T25 | each chunk repeats all the text so far | undone, never on Qwen's own hosts; every word exactly once
            T26 | tool calls in any of the forms in which they come split | complete calls, once each
            T27 | tool arguments that are cut or no JSON | a call that carries the error and the raw text; never executed with nothing
            T28 | cut inside a tool call, nothing handed out | asked for again from the start; half a call is never seen
            T29 | cut after a complete tool call | whole if the finish reason came, else a typed error; never played again
            T30 | cut while only reasoning has come | started again; the second reasoning is not shown, the text comes exactly once
            T31 | the caller cancels, at any point | `OperationCanceledException` with the caller's token, promptly; no retry
            T32 | the caller stops reading, or forgets the stream | the connection is closed; a forgotten one when the total time is over
            T33 | the caller reads slowly | no timeout: the clocks run only while the server is waited for
            T34 | a whole answer from a model that only streams | put together from a stream; the model is remembered
            T35 | a whole answer from a model that thinks only in streams | put together from a stream
            T36 | a whole answer meets the server's 300 s | continued or put together from a stream; half is never shown as whole
            T37 | the streams of a model keep failing | its calls go without streaming at once, until a trial stream works
            T38 | the service is down, 1,000 callers | at most 1.2 requests for each; circuits open; fast, clear errors
            T39 | silence and errors without end | ends with the total time, pauses and renewals included, slow reading not
            T40 | the content filter | ContentFilter where it is the finish reason, else a typed error with the text; no retry
            T41 | the prompt is too long | ContextTooLong with the limit, the estimate and advice; no retry
            T42 | 400, 404, 413, 422 | no retry; the server's code, parameter, request id and words are kept
            T43 | no request id, codes of any type, errors of any shape | read all the same
            T44 | gzip, br, deflate, HTTP/2, chunked, `Expect` | works
            T45 | a gateway has closed the connection that was kept | sent once more, in silence
            T46 | a redirect | not followed: neither key nor prompt goes there; the error names the target
            T47 | 10,000 calls, 64 at a time, one in ten with faults that heal | each ends as its row says; nothing lost, nothing repeated, nothing leaked
            T48 | retry, continuation and the other form in one call | usage summed; requests, and those that told no usage, are counted for you
            T49 | 401 inside the stream before the first word | one renewal, one resend, the answer
            T50 | `(request timeout)` for an answer; tags that leaked into the text | the former as T23; `<think>` by an option; tool tags are never executed
            T51 | the host adds resilience to every HTTP client; the caller's has a timeout | taken off ours; warned about, and named when it fires
            T52 | a gateway compresses or buffers the stream | the answer comes all the same; the error on silence says that one may hold it back
            T53 | a key is rotated while the program runs | the next call uses it; after a 401 it is read once more; no restart
            """
        );
}
