using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation;

/// <summary>Row C8, where the answer ends: what a stop sequence ends, and what comes behind the end.</summary>
public sealed class JointTests
{
    [Fact]
    public void Join_CallBehindAStop_IsNotPartOfTheAnswer()
    {
        var joint = new Joint(new AnswerSoFar(), "Hello EN", "", isAnew: false, ["END"]);

        var joined = joint.Join(
            new ChatResponseUpdate(
                ChatRole.Assistant,
                [new TextContent("D and then"), new FunctionCallContent("c", "f")]
            )
            {
                FinishReason = ChatFinishReason.ToolCalls,
            }
        );

        Assert.True(joint.IsStopped);
        Assert.Equal(ChatFinishReason.Stop, joined!.FinishReason);
        Assert.Empty(joined.Contents);
    }

    [Fact]
    public void Join_WordsBehindTheEndThatLookLikeAStop_AreShown()
    {
        var joint = new Joint(new AnswerSoFar(), "Hello ", "", isAnew: false, ["END"]);
        ChatResponseUpdate[] updates =
        [
            new(ChatRole.Assistant, "world"),
            new(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop },
            new(ChatRole.Assistant, " and E"),
        ];

        Assert.Equal("world and E", string.Concat(updates.Select(update => joint.Join(update)?.Text)));
    }
}
