using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Contract;

public abstract partial class ChatClientContract
{
    [Fact]
    public async Task GetResponseAsync_SingleRequestMessage()
    {
        var response = await Client.GetResponseAsync("Repeat exactly: narwhal", cancellationToken: Cancel);

        AssertHas("narwhal", response.Text);
        AssertSent(1, static sent => Assert.Equal("Repeat exactly: narwhal", ContentOf(sent[0], 0)));
    }

    [Fact]
    public async Task GetResponseAsync_MultipleRequestMessages()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, "You are brief."),
            new(ChatRole.User, "My boat is Kestrel."),
            new(ChatRole.Assistant, "I see."),
            new(ChatRole.User, "What is my boat called?"),
        ];

        var response = await Client.GetResponseAsync(messages, cancellationToken: Cancel);

        AssertHas("Kestrel", response.Text);
        AssertSent(1, static sent => Assert.Equal(["system", "user", "assistant", "user"], Roles(sent[0])));
    }

    [Fact]
    public async Task GetResponseAsync_WithEmptyMessage()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, []),
            new(ChatRole.User, []),
            new(ChatRole.Assistant, []),
            new(ChatRole.User, "Repeat exactly: narwhal"),
        ];

        var response = await Client.GetResponseAsync(messages, cancellationToken: Cancel);

        AssertHas("narwhal", response.Text);
        AssertSent(
            1,
            static sent =>
            {
                Assert.Equal("Repeat exactly: narwhal", ContentOf(sent[0], Roles(sent[0]).Length - 1));
                Assert.All(
                    sent[0].GetProperty("messages").EnumerateArray(),
                    static message => Assert.Equal(JsonValueKind.String, message.GetProperty("content").ValueKind)
                );
            }
        );
    }

    [Fact]
    public async Task GetStreamingResponseAsync()
    {
        var parts = new List<string>();
        await foreach (
            var update in Client.GetStreamingResponseAsync(
                "Repeat exactly: narwhals are shy and live in the north",
                cancellationToken: Cancel
            )
        )
        {
            parts.Add(update.Text);
        }

        AssertHas("narwhals are shy and live in the north", string.Concat(parts));
        Assert.True(parts.Count(static part => part.Length > 0) > 1, "It came in one piece.");
        AssertSent(1, static sent => Assert.True(sent[0].GetProperty("stream").GetBoolean()));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_UsageDataAvailable()
    {
        var response = await Client
            .GetStreamingResponseAsync("Repeat exactly: narwhal", cancellationToken: Cancel)
            .ToListAsync(Cancel);

        var usage = Assert.Single(response.SelectMany(ContentsOf).OfType<UsageContent>()).Details;
        AssertCounted(usage);
        AssertSent(
            1,
            static sent => Assert.True(sent[0].GetProperty("stream_options").GetProperty("include_usage").GetBoolean())
        );
    }

    [Fact]
    public async Task GetStreamingResponseAsync_AppendToHistory()
    {
        List<ChatMessage> history = [new(ChatRole.User, "Repeat exactly: narwhal")];
        var updates = await Client.GetStreamingResponseAsync(history, cancellationToken: Cancel).ToListAsync(Cancel);

        history.AddMessages(updates);
        var answer = Assert.Single(history, static message => message.Role == ChatRole.Assistant);
        AssertHas("narwhal", answer.Text);

        history.Add(new(ChatRole.User, "Repeat exactly: walrus"));
        AssertHas("walrus", (await Client.GetResponseAsync(history, cancellationToken: Cancel)).Text);
        AssertSent(
            2,
            sent =>
            {
                Assert.Equal(["user", "assistant", "user"], Roles(sent[1]));
                Assert.Equal(answer.Text, ContentOf(sent[1], 1));
            }
        );
    }

    [Fact]
    public async Task GetResponseAsync_UsageDataAvailable()
    {
        var response = await Client.GetResponseAsync("Repeat exactly: narwhal", cancellationToken: Cancel);

        AssertCounted(UsageOf(response));
    }

    [Fact]
    public async Task MultiModal_DescribeImage()
    {
        var picture = Picture.Square(64, red: 220, green: 20, blue: 20);
        var response = await Client.GetResponseAsync(
            [
                new ChatMessage(
                    ChatRole.User,
                    [new TextContent("Which colour is this square?"), new DataContent(picture, "image/png")]
                ),
            ],
            new ChatOptions { ModelId = VisionModel },
            Cancel
        );

        AssertHas("red", response.Text);
        AssertSent(1, sent => Assert.Equal(VisionModel, sent[0].GetProperty("model").GetString()));
    }

    /// <summary><see cref="ContractNames.DoesNotApply"/>.</summary>
    [Fact]
    public async Task MultiModal_DescribePdf()
    {
        var document = new DataContent("%PDF-1.7"u8.ToArray(), "application/pdf");

        await Assert.ThrowsAsync<NotSupportedException>(() =>
            Client.GetResponseAsync(
                [new ChatMessage(ChatRole.User, [new TextContent("What does it say?"), document])],
                cancellationToken: Cancel
            )
        );

        AssertSent(0);
    }

    private static void AssertCounted(UsageDetails? usage)
    {
        Assert.True(usage?.InputTokenCount > 1);
        Assert.True(usage.OutputTokenCount > 1);
        Assert.Equal(usage.TotalTokenCount, usage.InputTokenCount + usage.OutputTokenCount);
    }
}
