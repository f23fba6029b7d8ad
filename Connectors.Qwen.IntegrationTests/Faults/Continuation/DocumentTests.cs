using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Row C7: a document that broke off goes on without being held to its form, and is looked at as a whole.</summary>
public sealed class DocumentTests
{
    private const string Document = """{"topic": "pipelines, 管道 🚀", "answered": true, "words": ["every", "one"]}""";

    private static readonly ChatMessage[] Question = [new(ChatRole.User, "Answer in JSON.")];

    public static TheoryData<string> Formats => ["object", "schema", "raw"];

    [Theory, MemberData(nameof(Formats))]
    public async Task C7_Document_GoesOnWithoutTheFormatAndIsWhole(string format)
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));

        (await Heard.FromAsync(setup.Pipeline(), Options(format), Question)).IsWhole(Document);

        Assert.True(setup.Qwen.Journal.Chats[0].Request.Body.TryGetProperty("response_format", out _));
        var second = Requests.Continuing(setup);
        Assert.False(second.Body.TryGetProperty("response_format", out _));
        Assert.Equal(Document[..24], second.Prefix);
    }

    [Theory, InlineData(1), InlineData(3)]
    public async Task C7_DocumentThatTheCallerBegan_IsLookedAtWithItsBeginning(int chunks)
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(chunks));
        ChatMessage[] begun =
        [
            .. Question,
            new(ChatRole.Assistant, Document[..10]) { AdditionalProperties = new() { ["partial"] = true } },
        ];

        var heard = await Heard.FromAsync(setup.Pipeline(), Options("object"), begun);

        heard.IsWhole(Document[10..]);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task C7_ContinuationThatIsNoJson_IsATypedError(string format)
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3), QwenBehavior.Answer(" and that is what I wanted to say."));

        var heard = await Heard.FromAsync(setup.Pipeline(), Options(format), Question);

        Assert.StartsWith(Document[..24], heard.Broke().PartialText, StringComparison.Ordinal);
        Assert.Contains("JSON", heard.Failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wanted", heard.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task C7_ContinuationThatBeginsANewDocument_IsATypedError()
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3), QwenBehavior.Answer("""{"other": 1}"""));

        var heard = await Heard.FromAsync(setup.Pipeline(), Options("object"), Question);

        heard.Broke();
    }

    [Fact]
    public async Task C7_ContinuationThatAddsWordsAfterTheDocument_IsATypedError()
    {
        await using var setup = await StartAsync();
        // The document is whole, and its end was lost.
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(99), QwenBehavior.Answer(" I hope this helps!"));

        var heard = await Heard.FromAsync(setup.Pipeline(), Options("object"), Question);

        heard.Broke();
    }

    [Fact]
    public async Task C7_DocumentThatEndsAtTheLimit_IsLengthAndNoError()
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        var options = Options("object");
        options.MaxOutputTokens = 9;

        var heard = await Heard.FromAsync(setup.Pipeline(), options, Question);

        Assert.Null(heard.Failure);
        Assert.Equal([ChatFinishReason.Length], heard.Finishes);
        Assert.StartsWith(heard.Text, Document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C7_C20_DocumentThatIsCutWhereEndsAreTrusted_IsNotTakenForWhole()
    {
        await using var setup = await StartAsync();
        var noEnd = QwenBehavior.EndAfter(99, withDone: true);
        setup.Qwen.Script.Enqueue(noEnd, QwenBehavior.Answer(), noEnd, QwenBehavior.Answer(), noEnd);
        var client = setup.Pipeline();
        for (var i = 0; i < 3; i++)
        {
            (await Heard.FromAsync(client, Options("object"), Question)).IsWhole(Document);
        }

        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3, withDone: true));
        var heard = await Heard.FromAsync(client, Options("object"), Question);

        // Whatever its endpoint is like: this is no document.
        if (heard.Failure is not null)
        {
            heard.Broke();
            return;
        }

        heard.IsWhole(Document);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task C7_WholeAnswerThatWasCut_IsAskedForAnew(string format)
    {
        await using var setup = await StartAsync();
        // First the part of a whole answer, then a stream that breaks off: nobody has seen anything of either.
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Completion(Chunk.WholeText(Document[..20], reason: null)),
            QwenBehavior.EndAfter(3)
        );

        var response = await setup
            .Pipeline()
            .GetResponseAsync(Question, Options(format), TestContext.Current.CancellationToken);

        Assert.Equal((Document, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "stream", "stream"], Requests.Kinds(setup));
        Assert.All(
            setup.Qwen.Journal.Chats,
            static chat => Assert.True(chat.Request.Body.TryGetProperty("response_format", out _))
        );
    }

    private static Task<Setup> StartAsync()
    {
        return Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Text = Document }
        );
    }

    private static ChatOptions Options(string format)
    {
        return format switch
        {
            "object" => new() { ResponseFormat = ChatResponseFormat.Json },
            "schema" => new()
            {
                ResponseFormat = ChatResponseFormat.ForJsonSchema(
                    JsonSerializer.SerializeToElement(new { type = "object" })
                ),
            },
            _ => new()
            {
                RawRepresentationFactory = static _ => new QwenChatRequest
                {
                    ResponseFormat = JsonSerializer.SerializeToElement(new { type = "json_object" }),
                },
            },
        };
    }
}
