using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>
/// Rows C1, C4, C5, C6, C11, C13, T11 to T13, T28 and T30 at every character: wherever an answer is cut, the caller of the whole pipeline gets
/// all of it once, from a server that goes on with it; and from one that does something else all of it or a typed error.
/// </summary>
public sealed class EveryCutTests
{
    private const string Otherwise = "Asked again, the model finds other words for all of this.";

    public static TheoryData<string> Composed =>
        [
            "text",
            "blanks first",
            "laughter",
            "one pattern",
            "lines alike",
            "the same sentence three times",
            "no blanks at all",
            "reasoning, then text",
            "text, then a call",
            "a call alone",
            "everything",
        ];

    public static TheoryData<string> Recorded => ["recorded text", "recorded reasoning", "recorded tool-call"];

    [Theory, MemberData(nameof(Composed)), MemberData(nameof(Recorded))]
    public async Task C1_C4_C5_C6_T11_T30_CutAtAnyCharacter_IsTheUncutAnswerOrATypedError(string name)
    {
        var answer = WholeAnswer.Of(name);

        // Each server of its own, so they can run side by side.
        var modes = Enum.GetValues<QwenPartialMode>().Select(mode => Task.Run(() => CutEverywhereAsync(answer, mode)));
        var wrong = (await Task.WhenAll(modes)).SelectMany(static found => found).ToArray();

        Assert.True(wrong.Length == 0, $"{wrong.Length} wrong: {string.Join('\n', wrong.Take(12))}");
    }

    // Models say the same thing in other words when they are asked again: what was shown is then no beginning of it.
    [Theory, InlineData("text"), InlineData("laughter"), InlineData("the same sentence three times")]
    public async Task C1_C4_AskedAnewTheModelSaysItOtherwise_IsTheUncutAnswerOrATypedError(string name)
    {
        var answer = WholeAnswer.Of(name);

        var modes = Enum.GetValues<QwenPartialMode>()
            .Select(mode => Task.Run(() => CutEverywhereAsync(answer, mode, Otherwise)));
        var wrong = (await Task.WhenAll(modes)).SelectMany(static found => found).ToArray();

        Assert.True(wrong.Length == 0, $"{wrong.Length} wrong: {string.Join('\n', wrong.Take(12))}");
    }

    private static async Task<IReadOnlyList<string>> CutEverywhereAsync(
        WholeAnswer answer,
        QwenPartialMode mode,
        string? anew = null
    )
    {
        await using var setup = await Setup.StartAsync(options =>
        {
            options.Answer = _ => answer.ToAnswer();
            options.PartialMode = mode;
            options.ChunkLength = 97;
        });
        setup.Qwen.Script.Always(request => anew is null || request.IsPartial ? null : QwenBehavior.Answer(anew));
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var options = setup.Options(static options => options.StreamingFallback.ContinuationModels.Add("*"));
        var wrong = new List<string>();
        for (var at = 0; at <= answer.Length; at++)
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream(answer.Cut(at), done: at % 2 == 0));
            // What one cut teaches must not help with the next.
            using var client = QwenPipeline.CreateChatClient(options, httpClient: http);

            var seen = await Seen.ReadAsync(client);

            // What has shown nothing may become the other answer.
            if (seen.Text != anew && Wrong(answer, at, mode, mayFail: anew is not null, seen) is { } what)
            {
                wrong.Add($"{mode}, cut at {at}: {what}; {seen.Text.Length} characters, {seen.Failure?.Message}");
            }
        }

        return wrong;
    }

    private static string? Wrong(WholeAnswer answer, int at, QwenPartialMode mode, bool mayFail, Seen seen)
    {
        if (seen.Failure is not null)
        {
            return !mayFail && mode is (QwenPartialMode.Continue or QwenPartialMode.Trim) ? "it failed"
                : seen.Failure is not QwenException failure ? "the error is not a typed one"
                : failure.PartialText != (seen.Text.Length == 0 ? null : seen.Text)
                    ? "the error does not carry the text"
                : !answer.Text.StartsWith(seen.Text, StringComparison.Ordinal) ? "the text is not the beginning"
                : seen.Calls.Length > 0 || seen.Finishes > 0 ? "it was told finished"
                : null;
        }

        // Reasoning that was cut is not said again.
        var reasoning = at >= answer.Reasoning.Length ? answer.Reasoning : seen.Reasoning;
        return seen.Text != answer.Text ? "the text differs"
            : seen.Reasoning != reasoning || !answer.Reasoning.StartsWith(seen.Reasoning, StringComparison.Ordinal)
                ? "the reasoning differs"
            : seen.Finishes != 1 ? "it is not finished exactly once"
            : !seen.Calls.SequenceEqual(Calls(answer)) ? "the calls differ"
            : null;
    }

    private static string[] Calls(WholeAnswer answer)
    {
        return answer.CallName is null
            ? []
            : [$"{answer.CallName} {JsonNode.Parse(answer.CallArguments)!.ToJsonString()}"];
    }

    private sealed record Seen(string Text, string Reasoning, string[] Calls, int Finishes, Exception? Failure)
    {
        public static async Task<Seen> ReadAsync(IChatClient client)
        {
            var updates = new List<ChatResponseUpdate>();
            Exception? failure = null;
            try
            {
                await foreach (
                    var update in client.GetStreamingResponseAsync(
                        Ask.Question,
                        null,
                        TestContext.Current.CancellationToken
                    )
                )
                {
                    updates.Add(update);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }

            var contents = updates.SelectMany(static update => update.Contents).ToArray();
            return new Seen(
                string.Concat(contents.OfType<TextContent>().Select(static text => text.Text)),
                string.Concat(contents.OfType<TextReasoningContent>().Select(static text => text.Text)),
                [
                    .. contents
                        .OfType<FunctionCallContent>()
                        .Where(static call => !call.InformationalOnly)
                        .Select(static call =>
                            $"{call.Name} {JsonNode.Parse(JsonSerializer.Serialize(call.Arguments))!.ToJsonString()}"
                        ),
                ],
                updates.Count(static update => update.FinishReason is not null),
                failure
            );
        }
    }
}
