using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>What is asked for and what arrives at the service: the same call through OpenAI's client and through ours.</summary>
public sealed class RequestPeerTests
{
    private static readonly DataContent Picture = new(new byte[] { 1, 2, 3 }, "image/png");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task M7_Reasoning_IsReadByBothAndSentBackHere(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Reasoning = "Hm.", Text = "Because." }
        );

        await OpenAIPeer.StillAsync(
            "M7",
            async () =>
            {
                var sent = await TwoTurnsAsync(setup, OpenAIPeer.Client(setup), streaming);
                Assert.Equal(JsonValueKind.Undefined, Reasoning(sent).ValueKind);
            }
        );

        Assert.Equal("Hm.", Reasoning(await TwoTurnsAsync(setup, setup.Pipeline(), streaming)).GetString());
    }

    [Fact]
    public async Task M8_QwensOwnParameters_AreLostThereAndSentHere()
    {
        await using var setup = await Setup.StartAsync();
        var options = new ChatOptions
        {
            TopK = 20,
            AdditionalProperties = new() { ["enable_thinking"] = false, ["thinking_budget"] = 100 },
        };

        await OpenAIPeer.StillAsync(
            "M8",
            async () =>
            {
                var sent = await SentAsync(setup, OpenAIPeer.Client(setup), options);
                Assert.False(sent.TryGetProperty("top_k", out _));
                Assert.False(sent.TryGetProperty("enable_thinking", out _));
                Assert.False(sent.TryGetProperty("thinking_budget", out _));
            }
        );

        var ours = await SentAsync(setup, setup.Pipeline(), options);
        Assert.Equal((20, 100), (ours.GetProperty("top_k").GetInt32(), ours.GetProperty("thinking_budget").GetInt32()));
        Assert.False(ours.GetProperty("enable_thinking").GetBoolean());
    }

    [Fact]
    public async Task M9_EffortNone_IsAWordQwenDoesNotKnowThereAndTurnsThinkingOffHere()
    {
        await using var setup = await Setup.StartAsync();
        var options = new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.None } };

        await OpenAIPeer.StillAsync(
            "M9",
            async () =>
            {
                var sent = await SentAsync(setup, OpenAIPeer.Client(setup), options);
                Assert.Equal("none", sent.GetProperty("reasoning_effort").GetString());
                Assert.False(sent.TryGetProperty("enable_thinking", out _));
            }
        );

        var ours = await SentAsync(setup, setup.Pipeline(), options);
        Assert.False(ours.GetProperty("enable_thinking").GetBoolean());
        Assert.False(ours.TryGetProperty("reasoning_effort", out _));
    }

    [Fact]
    public async Task M10_VideoAndAudio_AreDroppedThereAndSentHere()
    {
        await using var setup = await Setup.StartAsync();
        var message = new ChatMessage(
            ChatRole.User,
            [
                new TextContent("What is in these?"),
                new UriContent("https://media.example/a.mp4", "video/mp4"),
                new UriContent("https://media.example/b.mp3", "audio/mpeg"),
                new DataContent(new byte[] { 1, 2, 3 }, "video/mp4"),
            ]
        );

        await OpenAIPeer.StillAsync(
            "M10",
            async () =>
            {
                var sent = await SentAsync(setup, OpenAIPeer.Client(setup), null, message);
                Assert.Contains("What is in these?", sent.GetRawText(), StringComparison.Ordinal);
                Assert.DoesNotContain("media.example", sent.GetRawText(), StringComparison.Ordinal);
                Assert.DoesNotContain("video", sent.GetRawText(), StringComparison.Ordinal);
            }
        );

        var parts = (await SentAsync(setup, setup.Pipeline(), null, message))
            .GetProperty("messages")[0]
            .GetProperty("content");
        Assert.Equal(
            ["text", "video_url", "input_audio", "video_url"],
            parts.EnumerateArray().Select(static part => part.GetProperty("type").GetString())
        );
        Assert.Equal("https://media.example/a.mp4", parts[1].GetProperty("video_url").GetProperty("url").GetString());
        Assert.Equal(
            "https://media.example/b.mp3",
            parts[2].GetProperty("input_audio").GetProperty("data").GetString()
        );
        Assert.Equal("data:video/mp4;base64,AQID", parts[3].GetProperty("video_url").GetProperty("url").GetString());
    }

    [Fact]
    public async Task M11_PictureFromATool_IsTextThereAndAPictureHere()
    {
        await using var setup = await Setup.StartAsync();
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "What does the camera see?"),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "camera")]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", new List<AIContent> { Picture })]),
        ];

        await OpenAIPeer.StillAsync(
            "M11",
            async () =>
            {
                var sent = await SentAsync(setup, OpenAIPeer.Client(setup), null, conversation);
                Assert.Empty(Pictures(sent));
                var result = sent.GetProperty("messages")[2].GetProperty("content").GetString();
                Assert.Contains("\"$type\"", result, StringComparison.Ordinal);
            }
        );

        var ours = await SentAsync(setup, setup.Pipeline(), null, conversation);
        Assert.Equal([Picture.Uri], Pictures(ours));
        Assert.DoesNotContain("$type", ours.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>A question, its answer, and one more question with both; gives the last request.</summary>
    private static async Task<JsonElement> TwoTurnsAsync(Setup setup, IChatClient client, bool streaming)
    {
        var answer = await Ask.Async(client, streaming);
        var thoughts = answer.Messages.SelectMany(static message => message.Contents).OfType<TextReasoningContent>();
        Assert.Equal("Hm.", string.Concat(thoughts.Select(static thought => thought.Text)));
        var options = new ChatOptions { AdditionalProperties = new() { ["preserve_thinking"] = true } };
        return await SentAsync(
            setup,
            client,
            options,
            [.. Ask.Question, .. answer.Messages, new ChatMessage(ChatRole.User, "Sure?")]
        );
    }

    private static JsonElement Reasoning(JsonElement sent)
    {
        return sent.GetProperty("messages")[1].TryGetProperty("reasoning_content", out var reasoning)
            ? reasoning
            : default;
    }

    private static IEnumerable<string?> Pictures(JsonElement sent)
    {
        return from message in sent.GetProperty("messages").EnumerateArray()
            where message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            from part in message.GetProperty("content").EnumerateArray()
            where part.GetProperty("type").GetString() == "image_url"
            select part.GetProperty("image_url").GetProperty("url").GetString();
    }

    private static async Task<JsonElement> SentAsync(
        Setup setup,
        IChatClient client,
        ChatOptions? options,
        params ChatMessage[] messages
    )
    {
        await client.GetResponseAsync(messages is [] ? Ask.Question : messages, options, Cancel);
        return setup.Qwen.Journal.Chats[^1].Request.Body;
    }
}
