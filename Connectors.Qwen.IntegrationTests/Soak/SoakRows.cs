using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>
/// The rows of the fault table that heal, and those in which the caller leaves. Not silence (T10, T11): all calls share the clocks that
/// end it, and one leap over it would end the waits of healthy calls too.
/// </summary>
internal static class SoakRows
{
    private static readonly QwenErrorFrame[] Shapes = Enum.GetValues<QwenErrorFrame>();
    private static readonly int[] ServerErrors = [500, 502, 503, 529];
    private static readonly string[] Codings = ["gzip", "br", "deflate"];
    private static readonly (string, string)[] Waits =
    [
        ("Retry-After", "0"),
        ("Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("retry-after-ms", "3"),
    ];
    private static readonly QwenBehavior[] Nothings =
    [
        QwenBehavior.Empty(),
        QwenBehavior.UsageOnly(),
        QwenBehavior.RoleOnly(),
    ];
    private static readonly QwenBehavior[] OddErrors =
    [
        QwenBehavior.Status(503, """{"code":503,"message":null}""", "application/json"),
        QwenBehavior.Status(500, """{"error":"overloaded"}""", "application/json"),
        QwenBehavior.Status(502, "", ""),
        QwenBehavior.NativeError(500, "InternalError", "It is not your fault."),
    ];

    private static readonly (Func<SoakQuestion, bool> IsFor, Func<SoakQuestion, Random, SoakFault> Make)[] All =
    [
        (Any, static (_, _) => new("T1", QwenBehavior.StreamTimeout())),
        (HasBothForms, static (_, _) => new("T2", QwenBehavior.StreamTimeout(), QwenBehavior.StreamTimeout())),
        (Any, static (_, random) => new("T4", QwenBehavior.Status(random.Of(ServerErrors), "upstream"))),
        (
            Any,
            static (_, random) =>
                new("T5", QwenBehavior.Error(429, "limit_requests", "Slower.", null, random.Of(Waits)))
        ),
        (Any, static (_, _) => new("T7", QwenBehavior.Error(429, "insufficient_quota", "You exceeded your quota."))),
        (Any, static (_, _) => new("T9", QwenBehavior.ResetBeforeHeaders())),
        (Any, static (_, _) => new("T12", QwenBehavior.ResetAfter(0))),
        (MayBreak, static (question, random) => At("T12", InText(question, random), QwenBehavior.ResetAfter)),
        (Any, static (_, random) => new("T13", QwenBehavior.EndAfter(0, random.IsOdd()))),
        (MayBreak, static (question, random) => At("T13", InText(question, random), chunks => End(chunks, random))),
        (Any, static (_, random) => Error("T14", 0, random)),
        (MayBreak, static (question, random) => Error("T15", InText(question, random), random)),
        (Any, static (_, _) => new("T18", QwenBehavior.MalformedAfter(0))),
        (
            MayBreak,
            static (question, random) =>
                At("T18", InText(question, random), static chunks => QwenBehavior.MalformedAfter(chunks))
        ),
        (Any, static (_, _) => Answered("T19", QwenBehavior.Comments(3, TimeSpan.FromMilliseconds(1)))),
        (
            IsPlainStream,
            static (question, _) => Answered("T22", QwenBehavior.Completion(Chunk.WholeText(question.Answer.Text)))
        ),
        (Any, static (_, random) => new("T23", random.Of(Nothings))),
        (IsPlainStream, static (question, _) => Answered("T24", FinishedTwice(question.Answer.Text))),
        (
            MayBreakInCall,
            static (question, random) => At("T28", InCall(question, random), chunks => Cut(chunks, random))
        ),
        (Reasons, static (question, random) => At("T30", InReasoning(question, random), chunks => Cut(chunks, random))),
        (Any, static (_, _) => Left("T31", SoakEnd.CancelledEarly, QwenBehavior.Silence())),
        (
            // A call is handed out when it is complete: of words the caller sees the first.
            static question =>
                question.IsStreaming && question.Answer.WordChunks > 0,
            static (question, random) =>
                Left("T31", SoakEnd.Cancelled, QwenBehavior.StallAfter(random.Next(1, question.Answer.WordChunks + 1)))
        ),
        (IsStreaming, static (_, _) => Left("T32", SoakEnd.Left)),
        (Any, static (_, random) => new("T43", random.Of(OddErrors))),
        (Any, static (_, random) => Answered("T44", QwenBehavior.Answer().Encoded(random.Of(Codings)))),
        (Any, static (_, _) => Answered("T45", QwenBehavior.Answer().ThenClose())),
        (
            MayBreakOften,
            static (question, random) =>
                new(
                    "T48",
                    QwenBehavior.Status(random.Of(ServerErrors), "upstream"),
                    End(question.Answer.ReasoningChunks + 1, random),
                    QwenBehavior.Error(429, "limit_requests", "Slower."),
                    QwenBehavior.ErrorFrameAfter(1, random.Of(Shapes), "internal_error", "Backend buffer overflow")
                )
        ),
        (Any, static (_, _) => new("T50", QwenBehavior.Answer("(request timeout)"))),
        (
            MayBreakOften,
            static (question, random) =>
                new(
                    "C18",
                    End(question.Answer.ReasoningChunks + 1, random),
                    End(1, random),
                    End(2, random),
                    End(1, random)
                )
        ),
    ];

    /// <summary>A fault that can happen to this call; in half of the cases one that depends on the answer, where words could get lost.</summary>
    public static SoakFault Draw(SoakQuestion question, Random random)
    {
        var some = All.Where(row => row.IsFor(question)).ToArray();
        var telling = Array.FindAll(some, static row => row.IsFor != Any);
        return random.Of(telling.Length > 0 && random.IsOdd() ? telling : some).Make(question, random);
    }

    private static bool Any(SoakQuestion question)
    {
        return true;
    }

    private static bool HasBothForms(SoakQuestion question)
    {
        return !question.IsStreamOnly;
    }

    private static bool IsStreaming(SoakQuestion question)
    {
        return question.IsStreaming;
    }

    private static bool IsPlainStream(SoakQuestion question)
    {
        return question.IsStreamed && question.Answer is { Reasoning: "", Arguments: null };
    }

    private static bool Reasons(SoakQuestion question)
    {
        return question.IsStreamed && question.Answer.ReasoningChunks > 0;
    }

    private static bool MayBreak(SoakQuestion question)
    {
        return question.MayBreak && question.Answer.TextChunks > 0;
    }

    // Of a whole answer nothing is kept: it is asked for three times more, and no oftener.
    private static bool MayBreakOften(SoakQuestion question)
    {
        return question is { MayBreak: true, IsStreamed: true } && question.Answer.TextChunks > 5;
    }

    private static bool MayBreakInCall(SoakQuestion question)
    {
        return question is { IsStreamed: true, Answer.Arguments: not null }
            && (question.MayBreak || question.Answer.Text == "");
    }

    private static int InReasoning(SoakQuestion question, Random random)
    {
        return random.Next(1, question.Answer.ReasoningChunks + 1);
    }

    private static int InText(SoakQuestion question, Random random)
    {
        return question.Answer.ReasoningChunks + random.Next(1, question.Answer.TextChunks + 1);
    }

    private static int InCall(SoakQuestion question, Random random)
    {
        return question.Answer.WordChunks + random.Next(1, question.Answer.CallChunks + 1);
    }

    private static QwenBehavior End(int chunks, Random random)
    {
        return QwenBehavior.EndAfter(chunks, withDone: random.IsOdd());
    }

    private static QwenBehavior Cut(int chunks, Random random)
    {
        return random.IsOdd() ? QwenBehavior.ResetAfter(chunks) : End(chunks, random);
    }

    private static SoakFault Error(string row, int chunks, Random random)
    {
        var shape = random.Of(Shapes);
        row = shape switch
        {
            QwenErrorFrame.ErrorFinish => "T16",
            QwenErrorFrame.NativeEvent => "T17",
            _ => row,
        };
        return At(
            row,
            chunks,
            random.IsOdd()
                ? chunks => QwenBehavior.ErrorFrameAfter(chunks, shape, "limit_requests", "Slower.", 429)
                : chunks => QwenBehavior.ErrorFrameAfter(chunks, shape, "internal_error", "Backend buffer overflow")
        );
    }

    private static QwenBehavior FinishedTwice(string text)
    {
        return QwenBehavior.Stream([Chunk.Text(text), Chunk.Finish(), Chunk.Finish("length"), Chunk.Usage(5)]);
    }

    private static SoakFault At(string row, int chunks, Func<int, QwenBehavior> make)
    {
        return new SoakFault(row, make(chunks)) { After = chunks };
    }

    private static SoakFault Answered(string row, QwenBehavior behavior)
    {
        return new SoakFault(row, behavior) { Requests = 1 };
    }

    private static SoakFault Left(string row, SoakEnd end, params QwenBehavior[] behaviors)
    {
        return new SoakFault(row, behaviors) { End = end, Requests = 1 };
    }

    private static T Of<T>(this Random random, T[] some)
    {
        return some[random.Next(some.Length)];
    }

    private static bool IsOdd(this Random random)
    {
        return random.Next(2) == 1;
    }
}
