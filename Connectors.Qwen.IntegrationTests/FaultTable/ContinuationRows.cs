namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>What can go wrong where a broken answer is continued: the seam.</summary>
internal static class ContinuationRows
{
    public static FaultGroup Group { get; } =
        FaultGroup.Parse(
            "Continuing a broken answer",
            """
            C1 | a model not known to continue; a server that starts over instead | not asked; a start over is never appended: the whole is asked for anew, or a typed error
            C2 | the request that continues | the first one and one message more; the rest is the same, byte for byte
            C3 | thinking was switched on, in whatever way | off in the continuation
            C4 | white space at the seam | neither lost nor doubled; nothing else is taken out
            C5 | an emoji is cut in two | half of it is neither handed out nor sent
            C6 | only white space had come | started again; the white space is not repeated
            C7 | JSON was asked for | continued without the format, checked whole at the end; no JSON: typed error
            C8 | a stop sequence lies across the seam | found: the text ends there
            C9 | `max_tokens` | the continuation gets what is left; nothing left is Length, and Length is an end
            C10 | several choices, audio or log probabilities were asked for | not continued: typed error with the text so far
            C11 | reasoning, then text | the text is continued without thinking; models that always think: typed error
            C12 | search was on | off in the continuation; the annotations so far stay
            C13 | tools | kept; text goes on, half a call is dropped; with a forced tool: typed error
            C14 | the caller's last message is itself the beginning of an answer | extended; there is no second one
            C15 | the continuation has ids, a time and a model of its own | the first ones are on every update; all request ids are told
            C16 | each request reports usage and a finish reason | you get one of each, at the end
            C17 | a conversation id; a continuation token of somebody else | never set on the response; `ArgumentException`
            C18 | a gateway that cuts again and again | goes on while words come, within the total time; without progress it ends soon
            C19 | the continuation is refused, or fails otherwise | StreamInterrupted with the cause and the text; a refusal is remembered
            C20 | everything came but the finish reason | whole with usage from the vendor's hosts; else one look, and if always in vain, none
            C21 | the caller changes the messages during the call | no effect
            """
        );
}
