namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>What can happen to tokens, keys and the files they are kept in.</summary>
internal static class TokenRows
{
    public static FaultGroup Group { get; } =
        FaultGroup.Parse(
            "Tokens",
            """
            A1 | the token has ended by the clock | renewed before sending: one renewal, one request
            A2 | the token ends within 30 s, or within a quarter of its life | renewed first; if that fails for now and it has not ended, used with a warning
            A3 | the token's end is in sight | the call goes out at once; one renewal in the background, nobody waits
            A4 | the renewal in the background fails | the token serves to its real end; tried again after pauses, one warning for each
            A5 | 401 although the clock says valid | one renewal that names the rejected token, one resend, the answer
            A6 | 401 again with the renewed token | `QwenAuthenticationException` after two requests; no loop; remembered for 30 s
            A7 | 504 with a token that may have ended: near its end, or not accepted for a minute | one renewal and one resend; only then the rules for timeouts
            A8 | 504 with a token just accepted or just made, or with a static key | no renewal: it is a timeout
            A9 | 1,000 calls at once with an ended token | exactly one renewal; all are answered
            A10 | 1,000 rejections of one token at once | exactly one renewal
            A11 | the first caller who waits for a renewal cancels | only that caller is cancelled
            A12 | the token server is away or busy for a moment, or its answer is lost | asked again; after a lost answer once at most, then an error that says so
            A13 | the token server is down for good | the token serves to its real end; then an error that names the cause
            A14 | the refresh token is dead (`invalid_grant`) | "log in again"; not asked again until the store changes
            A15 | several processes, one credential file, an ended token | one renewal in all; everyone goes on; the file stays valid
            A16 | another process, such as qwen-code, has renewed the login | its token is used, without a renewal
            A17 | a dead process has left its lock | broken after 36 s and not before; never two owners
            A18 | the process is killed in the middle of a save | the file is the old or the new one, whole, and its owner's only
            A19 | the credential file is damaged, unreadable, a directory or a link | an error with path and remedy, the file as it was; a link is read, not written
            A20 | the credential file has fields that are not ours | kept when it is written
            A21 | the token server leaves fields out of its answer | the old ones stay; a life of one hour where none is told
            A22 | a renewed token cannot be saved | used, logged as an error, saved at the next chance; a deleted file stays deleted
            A23 | the clock is set back or forward | neither a storm of renewals nor a token that lives for ever
            A24 | secrets, in each of these rows | in no log, error, span, metric or `ToString`
            A25 | an address for credentials or prompts is plain `http`, and not loopback | refused with a clear error
            A26 | a login from a device: pending, slowed down, expired, denied, connection lost | as RFC 8628 says; can be cancelled; a clear outcome for each
            A27 | a key of another region, plan or product | the error names endpoint and kind of key, and says what to try
            A28 | a temporary key nears its end | renewed ahead; made for half an hour unless told otherwise; short ones not for ever
            """
        );
}
