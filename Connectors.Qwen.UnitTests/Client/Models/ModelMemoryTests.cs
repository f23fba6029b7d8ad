using System.Net;
using System.Text.Json;
using Connectors.Qwen.Client;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Client.Models;

/// <summary>What the raw client alone does: it says what to change, and does it from the next call on.</summary>
public sealed class ModelMemoryTests
{
    private static readonly ChatOptions NoThought = new()
    {
        Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None },
    };

    [Fact]
    public async Task Refusal_OfAPortableWish_IsToldOnceAndHeededAfterwards()
    {
        var handler = new ScriptedHandler(Restricted, Answer);
        var client = RawClient.Over(handler);

        var failure = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello, NoThought));
        var response = await client.GetResponseAsync(Inner.Hello, NoThought);

        Assert.True(failure.IsLearned);
        Assert.Contains(
            "This model always thinks: leave enable_thinking out.",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal([false, null], handler.Requests.Select(Thinking));
        Assert.Equal("enable_thinking", response.AdditionalProperties![QwenResponseProperties.Adapted]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Refusal_OfWhatTheCallerGave_IsTheAnswerEachTime(bool isRaw)
    {
        var handler = new ScriptedHandler(Restricted);
        var client = RawClient.Over(handler);
        var options = isRaw
            ? new ChatOptions { RawRepresentationFactory = static _ => new QwenChatRequest { EnableThinking = false } }
            : new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = false } };

        for (var call = 0; call < 2; call++)
        {
            var failure = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello, options));
            Assert.False(failure.IsLearned);
        }

        Assert.Equal([false, false], handler.Requests.Select(Thinking));
    }

    [Fact]
    public async Task Refusal_ByAModel_SaysNothingOfAnother()
    {
        var handler = new ScriptedHandler(Restricted, Answer);
        var client = RawClient.Over(handler);
        await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello, NoThought));

        var other = NoThought.Clone();
        other.ModelId = "another";
        var response = await client.GetResponseAsync(Inner.Hello, other);

        Assert.Equal([false, false], handler.Requests.Select(Thinking));
        Assert.Null(response.AdditionalProperties);
    }

    [Fact]
    public async Task Refusals_OfEndlesslyManyModels_AreKeptUpToABound()
    {
        var handler = new ScriptedHandler(Restricted);
        var client = RawClient.Over(handler);
        for (var model = 0; model <= ModelMemory.MaxEntries; model++)
        {
            var options = NoThought.Clone();
            options.ModelId = $"m{model}";
            var failure = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello, options));

            // Of one too many nothing is kept, so it would be refused again.
            Assert.Equal(model < ModelMemory.MaxEntries, failure.IsLearned);
        }
    }

    [Fact]
    public async Task Refusal_OfWhatWasNotAsked_ChangesNothing()
    {
        var client = RawClient.Over(new ScriptedHandler(Restricted));

        var failure = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.False(failure.IsLearned);
    }

    [Fact]
    public async Task Refusal_WhenTheCallersFactoryFailsTheSecondTime_IsStillTheAnswer()
    {
        var client = RawClient.Over(new ScriptedHandler(Restricted));
        var calls = 0;
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ =>
                ++calls == 1
                    ? new QwenChatRequest { EnableThinking = false }
                    : throw new InvalidOperationException("Once."),
        };

        var failure = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello, options));

        Assert.False(failure.IsLearned);
    }

    [Fact]
    public async Task Refusal_OfOneFormInThought_SaysNothingOfTheOther()
    {
        var handler = new ScriptedHandler(
            static () =>
                Answers.Json(
                    """{"error":{"message":"Json mode response is not supported when enable_thinking is true"}}""",
                    HttpStatusCode.BadRequest
                ),
            Answer
        );
        var client = RawClient.Over(handler);
        var options = new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.High } };
        var schema = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"object"}"""), "answer");

        options.ResponseFormat = ChatResponseFormat.Json;
        await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello, options));
        await client.GetResponseAsync(Inner.Hello, options);
        options.ResponseFormat = schema;
        await client.GetResponseAsync(Inner.Hello, options);

        Assert.Equal(
            [true, false, true],
            handler.Requests.Select(static sent =>
                JsonAssert.Element(sent.Body).GetProperty("enable_thinking").GetBoolean()
            )
        );
    }

    [Fact]
    public async Task Refusal_InTheStreamItself_IsLearnedFrom()
    {
        var handler = new ScriptedHandler(
            static () =>
                Answers.Stream(
                    "event:error\ndata:{\"code\":\"InvalidParameter\",\"message\":\"'reasoning_effort' must be one of: 'low', 'high'\"}\n\n"
                ),
            Answer
        );
        var client = RawClient.Over(handler);
        var options = new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Medium } };

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            client.GetStreamingResponseAsync(Inner.Hello, options).ReadAllAsync()
        );
        await client.GetResponseAsync(Inner.Hello, options);

        Assert.True(failure.IsLearned);
        Assert.Equal(
            ["medium", "high"],
            handler.Requests.Select(static sent =>
                JsonElement.Parse(sent.Body).GetProperty("reasoning_effort").GetString()
            )
        );
    }

    private static HttpResponseMessage Restricted()
    {
        return Answers.Json(
            """{"error":{"message":"The value of the enable_thinking parameter is restricted to True.","code":"invalid_parameter_error"}}""",
            HttpStatusCode.BadRequest
        );
    }

    private static HttpResponseMessage Answer()
    {
        return Answers.Json(Answers.Completion);
    }

    private static bool? Thinking(SentRequest sent)
    {
        return JsonElement.Parse(sent.Body).TryGetProperty("enable_thinking", out var value)
            ? value.GetBoolean()
            : null;
    }
}
