// The tokens are an evaluation feature of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

using System.Text;
using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation.Resuming;

public sealed class ResumptionTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Of_NoToken_IsNoResumption()
    {
        Assert.Null(Resume(Inner.Hello, null));
    }

    [Fact]
    public void Of_StoredAnswerAndItsToken_IsTheFirstRequestAndWhatWasSaid()
    {
        var token = Token("Hel", "lo");

        var resumption = Resume([.. Inner.Hello, new(ChatRole.Assistant, "Hello")], token)!;

        Assert.Equal("Hello", Assert.Single(resumption.Ask.Messages).Text);
        Assert.Equal(ChatRole.User, resumption.Ask.Messages[0].Role);
        Assert.Null(resumption.Ask.Options!.ContinuationToken);
        Assert.Equal(
            ("Hello", "r", "m1"),
            (resumption.Said.Text, resumption.Said.ResponseId, resumption.Said.MessageId)
        );
    }

    [Fact]
    public void Of_TokenFromBeforeTheFirstWord_IsTheFirstRequest()
    {
        var token = Stamped(new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("Hm")]))[^1];

        var resumption = Resume(Inner.Hello, token)!;

        Assert.Equal("", resumption.Said.Text);
        Assert.Single(resumption.Ask.Messages);
    }

    [Fact]
    public void Stamp_FromTheFinishReasonOn_GivesNoToken()
    {
        var tokens = Stamped(
            Update("Hello"),
            new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = ChatFinishReason.Stop },
            new ChatResponseUpdate(null, [new UsageContent(new UsageDetails())])
        );

        Assert.NotNull(tokens[0]);
        Assert.Equal([null, null], tokens[1..]);
    }

    [Fact]
    public void Stamp_Update_IsSmallAndHoldsNoWordOfPromptOrAnswer()
    {
        var token = Encoding.UTF8.GetString(Token("Secret answer").ToBytes().Span);

        Assert.InRange(token.Length, 1, 400);
        Assert.DoesNotContain("Secret", token, StringComparison.Ordinal);
        Assert.DoesNotContain("Hello", token, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another text", "Help", "is not the text")]
    [InlineData("a shorter one", "Hell", "(4 characters, 5 were handed out)")]
    [InlineData("a longer one", "Hello!", "is not the text")]
    public void Of_StoredAnswerIsAnother_IsRefused(string what, string stored, string reason)
    {
        var e = Refused([.. Inner.Hello, new(ChatRole.Assistant, stored)], Token("Hello"));

        Assert.True(e.Message.Contains(reason, StringComparison.Ordinal), $"{what}: {e.Message}");
        Assert.DoesNotContain(stored, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ConversationIsAnother_IsRefused()
    {
        Assert.Contains(
            "not those of the first request",
            Refused([new(ChatRole.User, "Bye"), new(ChatRole.Assistant, "Hello")], Token("Hello")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_StoredAnswerIsMissing_IsRefused()
    {
        Assert.Contains(
            "the last message must be",
            Refused(Inner.Hello, Token("Hello")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the last message must be",
            Refused([new(ChatRole.Assistant, "Hello")], Token("Hello")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_OtherModel_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() =>
            Resumption.Of(
                Ask([.. Inner.Hello, new(ChatRole.Assistant, "Hello")], Token("Hello"), "other"),
                _time.GetUtcNow()
            )
        );

        Assert.Contains("begun by m, and other is asked", e.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(24.0, true), InlineData(24.1, false)]
    public void Of_OldToken_IsRefusedAfterADay(double hours, bool isTaken)
    {
        var token = Token("Hello");
        ChatMessage[] messages = [.. Inner.Hello, new(ChatRole.Assistant, "Hello")];
        _time.Advance(TimeSpan.FromHours(hours));

        if (isTaken)
        {
            Assert.NotNull(Resume(messages, token));
        }
        else
        {
            Assert.Contains("is 24 hours old", Refused(messages, token).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nothing", "")]
    [InlineData("no JSON", "resp_123")]
    [InlineData("other JSON", "{\"kind\":\"openai\"}")]
    [InlineData("an array", "[]")]
    [InlineData("members missing", "{\"kind\":\"connectors.qwen.resume\",\"v\":1}")]
    [InlineData("members of other types", "{\"kind\":\"connectors.qwen.resume\",\"v\":\"1\"}")]
    [InlineData(
        "a time that is none",
        "{\"kind\":\"connectors.qwen.resume\",\"v\":1,\"model\":\"m\",\"asked\":1,\"said\":1,\"length\":1,\"at\":999999999999999}"
    )]
    public void Of_ForeignBytes_AreRefused(string what, string bytes)
    {
        var token = ResponseContinuationToken.FromBytes(Encoding.UTF8.GetBytes(bytes));

        var e = Refused([.. Inner.Hello, new(ChatRole.Assistant, "Hello")], token);

        Assert.True(e.Message.Contains("does not come from this client", StringComparison.Ordinal), what);
    }

    [Fact]
    public void Of_TokenOfALaterVersion_SaysSo()
    {
        var token = ResponseContinuationToken.FromBytes(
            Encoding.UTF8.GetBytes("{\"kind\":\"connectors.qwen.resume\",\"v\":2,\"anything\":\"else\"}")
        );

        Assert.Contains("newer version", Refused(Inner.Hello, token).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_EndlessBytes_AreRefusedUnread()
    {
        var token = ResponseContinuationToken.FromBytes(new byte[5000]);

        Assert.Contains(
            "does not come from this client",
            Refused(Inner.Hello, token).Message,
            StringComparison.Ordinal
        );
    }

    private ArgumentException Refused(IEnumerable<ChatMessage> messages, ResponseContinuationToken token)
    {
        return Assert.Throws<ArgumentException>(() => Resume(messages, token));
    }

    private Resumption? Resume(IEnumerable<ChatMessage> messages, ResponseContinuationToken? token)
    {
        return Resumption.Of(Ask(messages, token), _time.GetUtcNow());
    }

    private ResponseContinuationToken Token(params string[] texts)
    {
        return Stamped([.. texts.Select(Update)])[^1]!;
    }

    private ResponseContinuationToken?[] Stamped(params ChatResponseUpdate[] updates)
    {
        var tokens = ResumeTokens.For(Ask(Inner.Hello, null, allow: true), _time)!;
        return [.. updates.Select(update => tokens.Stamp(update).ContinuationToken)];
    }

    private static ChatResponseUpdate Update(string text)
    {
        return new ChatResponseUpdate(ChatRole.Assistant, text) { ResponseId = "r", MessageId = "m1" };
    }

    private FormRequest Ask(
        IEnumerable<ChatMessage> messages,
        ResponseContinuationToken? token,
        string model = "m",
        bool allow = false
    )
    {
        var snapshot = MessageSnapshot.Of(messages);
        var call = QwenCall.Join(null, Stage.StreamingFallback, this, snapshot, _time);
        var options = new ChatOptions { ContinuationToken = token, AllowBackgroundResponses = allow ? true : null };
        return new FormRequest(call, model, snapshot, options, CancellationToken.None);
    }
}
