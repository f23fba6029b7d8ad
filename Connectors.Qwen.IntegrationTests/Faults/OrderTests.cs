using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>
/// The rows promise their outcomes for the default order of the pipeline. In every other order of the three stages this
/// holds: nothing lost, nothing repeated, no half tool call, cancellation honoured, bounded requests.
/// </summary>
public sealed class OrderTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var order in new[] { "FRT", "FTR", "RFT", "RTF", "TFR", "TRF" })
            {
                foreach (var fault in Faults.Keys)
                {
                    data.Add(order, fault);
                }
            }

            return data;
        }
    }

    private static readonly Dictionary<string, QwenBehavior[]> Faults = new()
    {
        ["healthy"] = [],
        ["504"] = [QwenBehavior.StreamTimeout()],
        ["504 twice"] = [QwenBehavior.StreamTimeout(), QwenBehavior.StreamTimeout()],
        ["503, then reset"] = [QwenBehavior.Status(503, "down"), QwenBehavior.ResetBeforeHeaders()],
        ["401"] = [QwenBehavior.Error(401, "invalid_api_key", "invalid access token or token expired")],
        ["silence"] = [QwenBehavior.Silence()],
        ["error frame"] =
        [
            QwenBehavior.ErrorFrameAfter(0, QwenErrorFrame.CompatObject, "internal_error", "overflow", 500),
        ],
        ["empty"] = [QwenBehavior.Empty()],
        ["cut after words"] = [QwenBehavior.EndAfter(2, withDone: true)],
        ["reset after words"] = [QwenBehavior.ResetAfter(3)],
        ["malformed after words"] = [QwenBehavior.MalformedAfter(1)],
        ["silence after words"] = [QwenBehavior.StallAfter(2)],
        ["always 504"] = [.. Enumerable.Repeat(QwenBehavior.StreamTimeout(), 100)],
        ["always 503"] = [.. Enumerable.Repeat(QwenBehavior.Status(503, "down"), 100)],
        ["always 401"] = [.. Enumerable.Repeat(QwenBehavior.Error(401, "invalid_api_key", "expired"), 100)],
        ["always reset"] = [.. Enumerable.Repeat(QwenBehavior.ResetBeforeHeaders(), 100)],
        ["always empty"] = [.. Enumerable.Repeat(QwenBehavior.RoleOnly(), 100)],
    };

    [Theory, MemberData(nameof(Cases))]
    public async Task EveryOrder_LosesNothingRepeatsNothingAndStaysBounded(string order, string fault)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Faults[fault]);
        var client = Compose(setup, order, setup.StartClock());

        var (text, failure) = await Ask.ReadAsync(client);

        if (failure is null)
        {
            Assert.Equal(Setup.Text, text);
        }
        else
        {
            var typed = Assert.IsType<QwenException>(failure, exactMatch: false);
            Assert.StartsWith(text, Setup.Text, StringComparison.Ordinal);
            Assert.Equal(text.Length == 0 ? null : text, typed.PartialText);
            Assert.Equal(setup.Qwen.Journal.Chats.Count, typed.Attempts);
        }

        Assert.InRange(setup.Qwen.Journal.Chats.Count, 1, 10);
    }

    [Theory]
    [InlineData("FRT"), InlineData("FTR"), InlineData("RFT"), InlineData("RTF"), InlineData("TFR"), InlineData("TRF")]
    public async Task EveryOrder_HonoursCancellation(string order)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Silence());
        using var cancellation = new CancellationTokenSource();

        var call = Compose(setup, order)
            .GetStreamingResponseAsync(Ask.Question, null, cancellation.Token)
            .ToChatResponseAsync(CancellationToken.None);
        await setup.Qwen.Journal.WaitForAsync(
            static exchange => exchange.State == QwenExchangeState.Silent,
            TestContext.Current.CancellationToken
        );
        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, failure.CancellationToken);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData("FRT"), InlineData("FTR"), InlineData("RFT"), InlineData("RTF"), InlineData("TFR"), InlineData("TRF")]
    public async Task EveryOrder_NeverShowsHalfAToolCall(string order)
    {
        const string Half =
            """{"choices":[{"delta":{"content":null,"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"pay","arguments":"{}"}}]},"finish_reason":null,"index":0}],"object":"chat.completion.chunk","usage":null,"created":1,"model":"m","id":"chatcmpl-1"}""";
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Stream([Half]), static request => request.IsStream);
        setup.Qwen.Script.Always(QwenBehavior.ResetBeforeHeaders());
        var contents = new List<AIContent>();

        await Assert.ThrowsAsync<QwenException>(async () =>
        {
            await foreach (
                var update in Compose(setup, order)
                    .GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
            )
            {
                contents.AddRange(update.Contents);
            }
        });

        Assert.Empty(contents);
    }

    // Without a clock that leaps, a silence lasts until the test ends it.
    private static IChatClient Compose(Setup setup, string order, TimeProvider? time = null)
    {
        var issued = setup.Qwen.Tokens.Issue();
        var login = setup.Login(new QwenCredential(issued.AccessToken, issued.ExpiresAt, issued.RefreshToken), time);
        IChatClient client = setup.Raw(login);
        foreach (var stage in order.Reverse())
        {
            client = setup.Own<IChatClient>(
                stage switch
                {
                    'F' => new StreamingFallbackChatClient(client, null, setup.Logs, time),
                    'R' => new TimeoutRetryChatClient(client, Clocks(setup), setup.Logs, time),
                    _ => new TokenRefreshChatClient(client, login, setup.Logs, time),
                }
            );
        }

        return client;
    }

    private static TimeoutRetryOptions Clocks(Setup setup)
    {
        var clocks = setup.Options().TimeoutRetry;
        clocks.FirstTokenTimeout = SilenceClock.Limit;
        clocks.IdleTimeout = SilenceClock.Limit;
        clocks.RequestTimeout = SilenceClock.Limit;
        return clocks;
    }
}
