using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using static System.StringComparison;

namespace Connectors.Qwen.UnitTests.Mapping.Answers;

/// <summary>What answers hold beside text, reasoning and calls: sound, sources, probabilities, their own JSON.</summary>
public class RareAnswerTests
{
    private const string Stop = """{"choices":[{"delta":{"content":""},"finish_reason":"stop","index":0}]}""";

    private const string SearchInfo = """
        {"search_info":{"search_results":[{"index":1,"title":"T","url":"https://h/1","site_name":"S"},
         {"title":"Only a title"},{"url":"not a url"},5]},"choices":[?]}
        """;

    [Fact]
    public void Sound_Streamed_ComesInItsPieces()
    {
        var updates = Play(
            new UpdateMapper(),
            """{"id":"r","choices":[{"delta":{"content":null,"audio":{"transcript":"Hel"}}}]}""",
            """{"choices":[{"delta":{"audio":{"data":"AQI="}}}]}""",
            """{"choices":[{"delta":{"content":"lo","audio":{"data":"AwQ=","transcript":"lo"}}}]}""",
            Stop
        );

        var response = updates.ToChatResponse();
        var sound = response.Messages.Single().Contents.OfType<DataContent>().ToList();
        Assert.Equal("Hello", response.Text);
        Assert.Equal([1, 2, 3, 4], sound.SelectMany(static piece => piece.Data.ToArray()));
        Assert.All(sound, static piece => Assert.Equal("audio/pcm", piece.MediaType));
    }

    [Theory]
    [InlineData("RIFFabcd", "audio/wav")]
    [InlineData("ID3abc", "audio/mpeg")]
    [InlineData("abcd", "audio/pcm")]
    public void Sound_Whole_IsNamedByWhatItBeginsWith(string data, string mediaType)
    {
        var base64 = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(data));
        var response = Whole(
            """{"choices":[{"message":{"content":"","audio":{"transcript":"Hello","data":"?"}},"finish_reason":"stop"}]}""".Replace(
                "?",
                base64,
                Ordinal
            )
        );

        Assert.Equal("Hello", response.Text);
        Assert.Equal(mediaType, response.Messages[0].Contents.OfType<DataContent>().Single().MediaType);
    }

    [Theory, InlineData(1), InlineData(3), InlineData(5), InlineData(6), InlineData(1000)]
    public void Sound_CutAnywhere_IsTheSameRecording(int size)
    {
        byte[] recording = [.. "ID3"u8, .. Enumerable.Range(0, 38).Select(static number => (byte)number)];
        var pieces = Convert
            .ToBase64String(recording)
            .TrimEnd('=')
            .Chunk(size)
            .Select(static piece => $$"""{"choices":[{"delta":{"audio":{"data":"{{new string(piece)}}"} } }]}""");

        var response = Play(new UpdateMapper(), [.. pieces, Stop]).ToChatResponse();

        var sound = response.Messages.Single().Contents.Cast<DataContent>().ToList();
        Assert.Equal(recording, sound.SelectMany(static piece => piece.Data.ToArray()));
        // One kind for all, whatever later pieces look like.
        Assert.All(sound, static piece => Assert.Equal("audio/mpeg", piece.MediaType));
    }

    [Theory]
    [InlineData("QUJD\\nREVG")]
    [InlineData(" QUJDREVG ")]
    [InlineData("QUI=Q0RFRg==")]
    public void Sound_WrittenAsEncodersDo_IsRead(string data)
    {
        var json = $$"""{"choices":[{"message":{"audio":{"data":"{{data}}"} },"finish_reason":"stop"}]}""";

        Assert.Equal("ABCDEF"u8, Whole(json).Messages[0].Contents.OfType<DataContent>().Single().Data.Span);
    }

    [Fact]
    public void Sound_Unreadable_IsNeitherAnAnswerNorSentBack()
    {
        const string Nothing = """{"content":null,"audio":{"data":"?!*%"}}""";
        var mapper = new UpdateMapper();
        Play(mapper, $$"""{"choices":[{"delta":{{Nothing}} }]}""", Stop);
        var words = Whole(
            """{"choices":[{"message":{"content":"Hi","audio":{"data":"?!*%"}},"finish_reason":"stop"}]}"""
        );

        Assert.True(mapper.IsEmpty);
        Assert.NotNull(
            ResponseMapper.Lack(Whole($$"""{"choices":[{"message":{{Nothing}},"finish_reason":"stop"}]}"""))
        );
        JsonAssert.Equal("""[{"role":"assistant","content":"Hi"}]""", Requests.MapMessages(words.Messages.Single()));
    }

    [Theory]
    [InlineData("\"\"", 0)]
    [InlineData("null", 0)]
    [InlineData("5", 0)]
    [InlineData("""{"data":5,"transcript":5}""", 0)]
    [InlineData("""{"data":"?!*%"}""", 1)]
    public void Sound_ThatIsNone_DoesNotCostTheWords(string audio, int errors)
    {
        var delta = $$"""{"content":"Hi","audio":{{audio}} }""";
        foreach (
            var response in new[]
            {
                Play(new UpdateMapper(), $$"""{"choices":[{"delta":{{delta}} }]}""", Stop).ToChatResponse(),
                Whole($$"""{"choices":[{"message":{{delta}},"finish_reason":"stop"}]}"""),
            }
        )
        {
            Assert.Equal("Hi", response.Text);
            Assert.Equal(errors, response.Messages.Single().Contents.OfType<ErrorContent>().Count());
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFB, 0x90, 0x00 }, "audio/mpeg")]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFE, 0xFF }, "audio/pcm")]
    [InlineData(new byte[] { 0xFF, 0xFB, 0xFF, 0xFB }, "audio/pcm")]
    public void Sound_SilentSamples_AreNotTakenForMp3(byte[] data, string mediaType)
    {
        var response = Whole(
            $$"""{"choices":[{"message":{"audio":{"data":"{{Convert.ToBase64String(data)}}"} },"finish_reason":"stop"}]}"""
        );

        Assert.Equal(mediaType, response.Messages[0].Contents.OfType<DataContent>().Single().MediaType);
    }

    [Fact]
    public void Sound_IsNeverTakenForWholeWithoutAFinishReason()
    {
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{"content":"Hi","audio":{"data":"AQI="}}}]}"""));

        mapper.Map(Chunks.Read("""{"choices":[],"usage":{"total_tokens":1}}"""));

        Assert.False(mapper.IsCounted);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void SearchResults_AreCitationsOfTheText(bool streaming)
    {
        var response = streaming
            ? Play(
                    new UpdateMapper(),
                    """{"choices":[{"delta":{"content":"Hi"}}]}""",
                    SearchInfo.Replace("?", """{"delta":{"content":"!"},"finish_reason":"stop"}""", Ordinal)
                )
                .ToChatResponse()
            : Whole(SearchInfo.Replace("?", """{"message":{"content":"Hi!"},"finish_reason":"stop"}""", Ordinal));

        var citations = response
            .Messages.Single()
            .Contents.SelectMany(static content => content.Annotations ?? [])
            .Cast<CitationAnnotation>()
            .ToList();
        Assert.Equal("Hi!", response.Text);
        Assert.Equal(["T", "Only a title"], citations.Select(static citation => citation.Title));
        Assert.Equal(new Uri("https://h/1"), citations[0].Url);
        Assert.Equal("S", ((JsonElement)citations[0].RawRepresentation!).GetProperty("site_name").GetString());
    }

    [Fact]
    public void SearchResults_BehindTheEnd_AreCitationsToo()
    {
        var updates = new List<ChatResponseUpdate>();
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read("""{"id":"r","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"""));
        updates.Add(mapper.Finish());

        mapper.Map(Chunks.Read(SearchInfo.Replace("?", "", Ordinal)));
        updates.Add(mapper.Facts());

        Assert.Equal(
            ["T", "Only a title"],
            updates
                .ToChatResponse()
                .Messages.Single()
                .Contents.SelectMany(static content => content.Annotations ?? [])
                .Select(static citation => ((CitationAnnotation)citation).Title)
        );
    }

    [Fact]
    public void SearchResults_RepeatedInEachChunk_AreCitedOnce()
    {
        var response = Play(
                new UpdateMapper(),
                SearchInfo.Replace("?", """{"delta":{"content":"Hi"}}""", Ordinal),
                SearchInfo.Replace("?", """{"delta":{},"finish_reason":"stop"}""", Ordinal),
                SearchInfo.Replace("?", "", Ordinal)
            )
            .ToChatResponse();

        Assert.Equal(2, response.Messages.Single().Contents.Sum(static content => content.Annotations?.Count ?? 0));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"search_results":{}}""")]
    [InlineData("""{"search_results":[]}""")]
    public void SearchWithoutResults_CitesNothing(string info)
    {
        var response = Whole(
            $$"""{"search_info":{{info}},"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"""
        );

        Assert.Null(response.Messages[0].Contents.Single().Annotations);
    }

    [Fact]
    public void Logprobs_Streamed_AreOnEachUpdateAndAllOnTheLast()
    {
        var updates = Play(
            new UpdateMapper(),
            """{"id":"r","choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1}]}}]}""",
            """{"choices":[{"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-2}]}}]}""",
            """{"choices":[{"delta":{"content":""},"logprobs":{"content":[{"token":"c","logprob":-3}]},"finish_reason":"stop"}]}"""
        );

        Assert.Equal(["a", "b"], updates.Take(2).Select(static update => Tokens(update.AdditionalProperties).Single()));
        Assert.Equal(["a", "b", "c"], Tokens(updates.ToChatResponse().Messages.Single().AdditionalProperties));
    }

    [Fact]
    public void HalfACharacter_InAProbabilityOrASource_IsNoFailure()
    {
        var updates = Play(
            new UpdateMapper(),
            """{"id":"r","search_info":{"search_results":[{"title":"\ud83d"}]},"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"\ud83d","logprob":-1}]}}]}""",
            """{"choices":[{"delta":{"content":""},"logprobs":{"content":[{"token":"\ude80","logprob":-2}]},"finish_reason":"stop"}]}"""
        );

        var message = updates.ToChatResponse().Messages.Single();
        var logprobs = (JsonElement)message.AdditionalProperties![QwenResponseProperties.Logprobs]!;
        Assert.Equal(
            """{"content":[{"token":"\ud83d","logprob":-1},{"token":"\ude80","logprob":-2}]}""",
            logprobs.GetRawText()
        );
        Assert.Single(message.Contents.SelectMany(static content => content.Annotations ?? []));
    }

    [Fact]
    public void Logprobs_BehindTheEnd_DoNotTakeThePlaceOfAll()
    {
        var mapper = new UpdateMapper();
        List<ChatResponseUpdate?> updates =
        [
            mapper.Map(
                Chunks.Read(
                    """{"id":"r","choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}]},"finish_reason":"stop"}]}"""
                )
            ),
            mapper.Finish(),
            mapper.Map(
                Chunks.Read("""{"choices":[{"delta":{"content":"b"},"logprobs":{"content":[{"token":"b"}]}}]}""")
            ),
            mapper.Facts(),
        ];

        Assert.Equal(
            ["a"],
            Tokens(updates.OfType<ChatResponseUpdate>().ToChatResponse().Messages.Single().AdditionalProperties)
        );
    }

    [Fact]
    public void Logprobs_Whole_AreOnTheMessage()
    {
        var response = Whole(
            """
            {"choices":[{"message":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1}]},"finish_reason":"stop"}]}
            """
        );

        Assert.Equal(["a"], Tokens(response.Messages.Single().AdditionalProperties));
    }

    [Fact]
    public void Logprobs_InTheHistory_AreNotSent()
    {
        var answer = Whole(
            """
            {"choices":[{"message":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1}]},"finish_reason":"stop"}]}
            """
        );

        JsonAssert.Equal("""[{"role":"assistant","content":"a"}]""", Requests.MapMessages(answer.Messages.Single()));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Reasoning_NotWanted_IsNotShown(bool streaming)
    {
        var response = streaming
            ? Play(
                    new UpdateMapper(hidesReasoning: true),
                    """{"choices":[{"delta":{"reasoning_content":"Hm."}}]}""",
                    """{"choices":[{"delta":{"content":"Hi"}}]}""",
                    Stop
                )
                .ToChatResponse()
            : ResponseMapper.ToResponse(
                Read("""{"choices":[{"message":{"reasoning_content":"Hm.","content":"Hi"},"finish_reason":"stop"}]}"""),
                hidesReasoning: true
            );

        Assert.Equal("Hi", Assert.IsType<TextContent>(Assert.Single(response.Messages.Single().Contents)).Text);
    }

    [Fact]
    public void Reasoning_NotWanted_IsStillProgress()
    {
        var update = new UpdateMapper(hidesReasoning: true).Map(
            Chunks.Read("""{"choices":[{"delta":{"reasoning_content":"Hm."}}]}""")
        );

        Assert.Empty(update!.Contents);
    }

    [Fact]
    public void Raw_OfEachChunk_IsOnItsUpdate()
    {
        var mapper = new UpdateMapper();
        const string Chunk = """{"choices":[{"delta":{"content":"a"}}],"new_member":1}""";
        const string Counted = """{"choices":[],"usage":{"total_tokens":1},"new_member":2}""";

        var updates = new[] { Chunk, Counted }
            .Select(data =>
                mapper.Map(ChunkReader.Read("message", System.Text.Encoding.UTF8.GetBytes(data), false, true))
            )
            .ToList();

        Assert.Equal([1, 2], updates.Select(static update => Raw(update).GetProperty("new_member").GetInt32()));
        // What says nothing is no progress for any clock.
        Assert.Equal(
            [false, true],
            updates.Select(static update => update is Connectors.Qwen.Continuation.SilentUpdate)
        );
    }

    private static JsonElement Raw(ChatResponseUpdate? update)
    {
        return Assert.IsType<JsonElement>(update!.RawRepresentation);
    }

    private static IEnumerable<string?> Tokens(AdditionalPropertiesDictionary? properties)
    {
        var logprobs = Assert.IsType<JsonElement>(properties![QwenResponseProperties.Logprobs]);
        return logprobs
            .GetProperty("content")
            .EnumerateArray()
            .Select(static token => token.GetProperty("token").GetString());
    }

    private static WireAnswer Read(string json)
    {
        return JsonSerializer.Deserialize(json, QwenJsonContext.Wire.WireAnswer)!;
    }

    private static ChatResponse Whole(string json)
    {
        return ResponseMapper.ToResponse(Read(json));
    }

    private static List<ChatResponseUpdate> Play(UpdateMapper mapper, params string[] chunks)
    {
        var updates = chunks.Select(chunk => mapper.Map(Chunks.Read(chunk))).OfType<ChatResponseUpdate>().ToList();
        updates.Add(mapper.Finish());
        updates.Add(mapper.Facts());
        return updates;
    }
}
