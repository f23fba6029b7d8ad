using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>Rows T17, T19, T40, T41 and T49: what the service says in its own ways.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task T17_NativeErrorEventBeforeTheFirstToken_IsRetried()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(ThrottledAfter(0));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("streaming RateLimited", Without(response.AdditionalProperties![QwenResponseProperties.Failures]));
    }

    [Fact]
    public async Task T17_NativeErrorEventAfterWords_IsContinuedExactlyOnce()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(ThrottledAfter(2));

        var answer = await StreamedAnswer.ReadAsync(setup.Pipeline());

        answer.AssertIsContinued(setup, QwenFailureKind.RateLimited, said: 16);
    }

    [Fact]
    public async Task T17_NativeErrorEventAfterWordsAndContinuationIsOff_IsATypedErrorWithThePartialText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(ThrottledAfter(2));

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline(Setup.WithoutContinuation));

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal((QwenFailureKind.RateLimited, text), (typed.Kind, typed.PartialText));
        Assert.Equal(Setup.Text[..16], text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData(400, QwenFailureKind.InvalidRequest, 1)]
    [InlineData(403, QwenFailureKind.PermissionDenied, 1)]
    [InlineData(429, QwenFailureKind.RateLimited, 4)]
    public async Task T17_NativeErrorEventWithACodeOfNoTable_IsWhatItsStatusSays(
        int status,
        QwenFailureKind kind,
        int requests
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.ErrorFrameAfter(0, QwenErrorFrame.NativeEvent, "FaqRuleBlocked", "Not this.", status)
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming: true));

        Assert.Equal((kind, null), (failure.Kind, failure.StatusCode));
        Assert.Equal(requests, setup.Qwen.Journal.Chats.Count);
        Assert.All(setup.Qwen.Journal.Chats, static chat => Assert.True(chat.IsStream));
    }

    [Fact]
    public async Task T19_CommentsBeforeTheAnswer_AreNoWords()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Comments(3, TimeSpan.Zero));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T19_CommentsAndNothingElse_AreSilence()
    {
        await using var setup = await Setup.StartAsync();
        // One comment before the silence: a clock that comments feed would wait for the next.
        setup.Qwen.Script.Enqueue(QwenBehavior.Comments(1, TimeSpan.FromHours(1)));
        var clock = new Testing.Clocks.SkippingClock(TimeSpan.FromSeconds(90));
        var client = setup.Pipeline(
            static options =>
            {
                options.TimeoutRetry.FirstTokenTimeout = TimeSpan.FromSeconds(120);
                options.TimeoutRetry.FirstTokenTimeoutPerKilobyte = TimeSpan.Zero;
            },
            time: clock
        );

        var call = Ask.Async(client, streaming: true);
        await setup.Qwen.Journal.WaitForAsync(
            static exchange => exchange.State >= QwenExchangeState.Responding,
            TestContext.Current.CancellationToken
        );
        clock.Advance(TimeSpan.FromSeconds(121));
        var response = await call;

        Assert.Equal(Setup.Text, response.Text);
        Assert.StartsWith(
            "streaming FirstTokenTimeout",
            (string)response.AdditionalProperties![QwenResponseProperties.Failures]!,
            StringComparison.Ordinal
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T40_ContentFilterAsFinishReason_IsTheFinishReason(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Text = "As far as", FinishReason = "content_filter" }
        );

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(("As far as", ChatFinishReason.ContentFilter), (response.Text, response.FinishReason));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T40_InspectionRefusesThePrompt_IsATypedErrorAndNotRetried(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(400, "data_inspection_failed", "Input text data may contain inappropriate content.")
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.ContentFiltered, failure.Kind);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T40_InspectionRefusesTheAnswerAfterWords_IsATypedErrorWithThePartialText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.ErrorFrameAfter(
                2,
                QwenErrorFrame.CompatObject,
                "data_inspection_failed",
                "Output data may contain inappropriate content.",
                400
            )
        );

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal((QwenFailureKind.ContentFiltered, text), (typed.Kind, typed.PartialText));
        Assert.Equal(Setup.Text[..16], text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T41_PromptIsTooLong_SaysTheLimitAndTheEstimate(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(
                400,
                "invalid_parameter_error",
                "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]"
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal((QwenFailureKind.ContextTooLong, 129024L), (failure.Kind, failure.MaxInputTokens));
        Assert.InRange(failure.EstimatedPromptTokens!.Value, 1, 20);
        Assert.Contains("[1, 129024]", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Shorten the conversation", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData(
        429,
        """{"error":{"message":"no","type":"x","param":null,"code":429}}""",
        QwenFailureKind.RateLimited,
        "429",
        null
    )]
    [InlineData(
        429,
        """{"error":{"message":"no","type":"x","code":"429"}}""",
        QwenFailureKind.RateLimited,
        "429",
        null
    )]
    [InlineData(400, """{"error":{"code":null,"message":"no"}}""", QwenFailureKind.InvalidRequest, null, null)]
    [InlineData(400, """{"error":{"message":"no"},"request_id":"R"}""", QwenFailureKind.InvalidRequest, null, "R")]
    [InlineData(
        400,
        """{"code":"InvalidParameter","message":"no","request_id":"R"}""",
        QwenFailureKind.InvalidRequest,
        "InvalidParameter",
        "R"
    )]
    [InlineData(
        429,
        """{"code":"Throttling.RateQuota","message":"no"}""",
        QwenFailureKind.RateLimited,
        "Throttling.RateQuota",
        null
    )]
    public async Task T43_ErrorInAnyOfTheServicesShapes_IsRead(
        int status,
        string body,
        QwenFailureKind kind,
        string? code,
        string? requestId
    )
    {
        foreach (var streaming in new[] { true, false })
        {
            await using var setup = await Setup.StartAsync();
            setup.Qwen.Script.Always(QwenBehavior.Status(status, body, "application/json"));
            var client = setup.Pipeline(static options => options.TimeoutRetry.MaxRetries = 0);

            var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

            Assert.Equal((kind, code, "no"), (failure.Kind, failure.ErrorCode, failure.ServerMessage));
            if (requestId is not null)
            {
                Assert.Equal(requestId, failure.RequestId);
            }
        }
    }

    [Theory]
    [InlineData(QwenErrorFrame.CompatObject), InlineData(QwenErrorFrame.NativeEvent), InlineData(QwenErrorFrame.Flat)]
    public async Task T49_RejectionInsideTheStreamBeforeTheFirstToken_IsRenewedAndSentAgain(QwenErrorFrame shape)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.ErrorFrameAfter(0, shape, "invalid_api_key", "invalid access token or token expired", 401)
        );
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue())));

        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("token-refresh", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.NotEqual(setup.Qwen.Journal.Chats[0].Token, setup.Qwen.Journal.Chats[1].Token);
    }

    [Fact]
    public async Task T15_T49_RejectionInsideTheStreamAfterWords_IsContinuedWithARenewedToken()
    {
        await using var setup = await Setup.StartAsync();
        const string Words = "invalid access token or token expired";
        setup.Qwen.Script.Enqueue(
            QwenBehavior.ErrorFrameAfter(2, QwenErrorFrame.CompatObject, "invalid_api_key", Words, 401),
            QwenBehavior.Error(401, "invalid_api_key", Words)
        );
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue())));

        var answer = await StreamedAnswer.ReadAsync(client);

        answer.AssertIsOne();
        Assert.Equal("continuation", answer.Facts[QwenResponseProperties.RecoveredBy]);
        Assert.Equal(1, answer.Facts[QwenResponseProperties.Continuations]);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        var chats = setup.Qwen.Journal.Chats;
        Assert.Equal([null, Setup.Text[..16], Setup.Text[..16]], chats.Select(static chat => chat.Request.Prefix));
        Assert.NotEqual(chats[1].Token, chats[2].Token);
    }

    private static QwenBehavior ThrottledAfter(int chunks)
    {
        return QwenBehavior.ErrorFrameAfter(
            chunks,
            QwenErrorFrame.NativeEvent,
            "Throttling.RateQuota",
            "Requests rate limit",
            429
        );
    }

    // The time differs from run to run.
    private static string Without(object? failures)
    {
        var text = Assert.IsType<string>(failures);
        return text[..text.IndexOf(" (", StringComparison.Ordinal)];
    }
}
