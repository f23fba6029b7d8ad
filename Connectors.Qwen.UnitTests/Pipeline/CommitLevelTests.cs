using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline;

public class CommitLevelTests
{
    public static TheoryData<AIContent[], string> Contents =>
        new()
        {
            { [], "Nothing" },
            { [new TextContent("")], "Nothing" },
            { [new TextContent(null)], "Nothing" },
            { [new TextReasoningContent("")], "Nothing" },
            { [new UsageContent(new())], "Nothing" },
            { [new TextReasoningContent("think")], "Reasoning" },
            { [new TextContent(" ")], "Text" },
            { [new ErrorContent("I cannot.")], "Text" },
            { [new DataContent(new byte[] { 1 }, "audio/wav")], "Text" },
            { [new FunctionCallContent("c", "f")], "ToolCall" },
            { [new TextReasoningContent("think"), new TextContent("Hi")], "Text" },
            { [new TextContent("Hi"), new TextReasoningContent("think")], "Text" },
            { [new FunctionCallContent("c", "f"), new TextContent("Hi"), new UsageContent(new())], "ToolCall" },
        };

    [Theory]
    [MemberData(nameof(Contents))]
    public void Of_Update_IsTheHighestOfItsContents(AIContent[] contents, string expected)
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, contents) { ResponseId = "r", ModelId = "m" };

        Assert.Equal(expected, CommitLevels.Of(update).ToString());
    }

    [Fact]
    public async Task CommittedStream_Open_ReadsUpToTheCommittingUpdateOnly()
    {
        var inner = new Moq.Mock<IChatClient>().Streams([
            [new ChatResponseUpdate(ChatRole.Assistant, []), "Hel", new InvalidOperationException("read too far")],
        ]);
        var messages = MessageSnapshot.Of(Inner.Hello);
        var call = QwenCall.Join(null, Stage.TimeoutRetry, this, messages, TimeProvider.System);

        await using var stream = await CommittedStream.OpenAsync(inner.Object, messages, null, call, default);

        Assert.True(await stream.MoveNextAsync());
        Assert.Empty(stream.Current.Contents);
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal("Hel", stream.Current.Text);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.MoveNextAsync());
    }
}
