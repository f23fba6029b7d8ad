using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>
/// Rows T11, T12, T13 and T15: a stream breaks off after its first word. The server is asked to go on, and the caller sees one answer;
/// where that is switched off, or would be in vain, a typed error with the text that came.
/// </summary>
public sealed class BrokenStreamTests
{
    /// <summary>Error frames in every shape the service has been seen to send.</summary>
    public static TheoryData<QwenErrorFrame> Shapes => StreamFaultTests.Shapes;

    [Fact]
    public async Task T11_SilenceAfterWords_IsContinuedExactlyOnce()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3));
        var client = setup.Pipeline(
            options => options.TimeoutRetry.IdleTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var answer = await StreamedAnswer.ReadAsync(client);

        answer.AssertIsContinued(setup, QwenFailureKind.IdleTimeout, said: 24);
        // The silent connection was not left open.
        await setup.Qwen.Journal.WaitForAsync(
            static exchange => exchange.State == QwenExchangeState.ClientLeft,
            TestContext.Current.CancellationToken
        );
    }

    [Fact]
    public async Task T11_SilenceAfterWordsAndContinuationIsOff_IsATypedErrorWithThePartialText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3));
        var client = setup.Pipeline(
            options =>
            {
                Setup.WithoutContinuation(options);
                options.TimeoutRetry.IdleTimeout = SilenceClock.Limit;
            },
            time: setup.StartClock()
        );

        var (text, failure) = await Ask.ReadAsync(client);

        AssertIsTyped(QwenFailureKind.IdleTimeout, Setup.Text[..24], text, failure);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task T12_T13_CutAfterWords_IsContinuedExactlyOnce(bool reset)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut(reset));

        var answer = await StreamedAnswer.ReadAsync(setup.Pipeline());

        answer.AssertIsContinued(setup, QwenFailureKind.StreamInterrupted, said: 16);
        // The simulator's address is none of the vendor's, so its catalogue was asked.
        Assert.Single(setup.Qwen.Journal.ModelCatalogueRequests);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task T12_T13_CutAfterWordsAndContinuationIsOff_IsATypedErrorWithThePartialText(bool reset)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut(reset));

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline(Setup.WithoutContinuation));

        AssertIsTyped(QwenFailureKind.StreamInterrupted, Setup.Text[..16], text, failure);
        // Neither a further request nor a question whether it would be of use.
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task T15_TransientErrorInsideTheStreamAfterWords_IsContinuedAndItsTextNeverShown(QwenErrorFrame shape)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Transient(shape));

        var answer = await StreamedAnswer.ReadAsync(setup.Pipeline());

        answer.AssertIsContinued(setup, QwenFailureKind.ServerError, said: 16);
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task T15_TransientErrorAfterWordsAndContinuationIsOff_IsATypedErrorWithThePartialText(
        QwenErrorFrame shape
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Transient(shape));

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline(Setup.WithoutContinuation));

        AssertIsTyped(QwenFailureKind.ServerError, Setup.Text[..16], text, failure);
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task T15_PermanentErrorInsideTheStreamAfterWords_IsATypedErrorAndNothingMoreIsAsked(
        QwenErrorFrame shape
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.ErrorFrameAfter(2, shape, "invalid_parameter_error", "The parameter is not valid.", 400)
        );

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

        AssertIsTyped(QwenFailureKind.InvalidRequest, Setup.Text[..16], text, failure);
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    private static QwenBehavior Cut(bool reset)
    {
        return reset ? QwenBehavior.ResetAfter(2) : QwenBehavior.EndAfter(2, withDone: true);
    }

    private static QwenBehavior Transient(QwenErrorFrame shape)
    {
        return QwenBehavior.ErrorFrameAfter(2, shape, "internal_error", "Backend buffer overflow", 500);
    }

    private static void AssertIsTyped(QwenFailureKind kind, string said, string text, Exception? failure)
    {
        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal((kind, said), (typed.Kind, typed.PartialText));
        Assert.Equal(said, text);
        Assert.Equal(1, typed.Attempts);
    }
}
