using System.Text.Json;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation;

/// <summary>Rows C2, C4 and C14: the messages of the request that goes on.</summary>
public sealed class ContinuationRequestTests
{
    private static readonly ChatMessage System = new(ChatRole.System, "Be brief.");
    private static readonly ChatMessage Question = new(ChatRole.User, "Hello?");

    [Fact]
    public void Messages_OfACall_AreTheSameAndOneMore()
    {
        var asked = MessageSnapshot.Of([System, Question]);

        var messages = ContinuationRequest.Messages(asked, "Well, hello \n");

        Assert.Equal(3, messages.Count);
        Assert.Same(System, messages[0]);
        Assert.Same(Question, messages[1]);
        Assert.Equal((ChatRole.Assistant, "Well, hello"), (messages[2].Role, messages[2].Text));
        Assert.Equal(true, messages[2].AdditionalProperties!["partial"]);
        Assert.Equal(2, asked.Count);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Messages_OwnBeginningOfTheCaller_IsMadeLonger(bool isJson)
    {
        var image = new DataContent("data:image/png;base64,AA==");
        var own = new ChatMessage(
            ChatRole.Assistant,
            [image, new TextContent("Once upon ") { AdditionalProperties = new() { ["cache_control"] = "marker" } }]
        )
        {
            AdditionalProperties = new() { ["partial"] = isJson ? JsonElement.Parse("true") : true, ["name"] = "x" },
        };

        var messages = ContinuationRequest.Messages(MessageSnapshot.Of([Question, own]), "a time ");

        Assert.Equal(2, messages.Count);
        Assert.Equal("Once upon a time", messages[1].Text);
        Assert.Same(image, messages[1].Contents[0]);
        Assert.Equal("x", messages[1].AdditionalProperties!["name"]);
        Assert.Equal("marker", messages[1].Contents[1].AdditionalProperties!["cache_control"]);
        Assert.Equal("Once upon ", own.Text);
    }

    [Fact]
    public void Messages_FinishedAnswerAtTheEnd_IsNotMadeLonger()
    {
        var finished = new ChatMessage(ChatRole.Assistant, "Hi.")
        {
            AdditionalProperties = new() { ["partial"] = false },
        };

        Assert.Equal(3, ContinuationRequest.Messages(MessageSnapshot.Of([Question, finished]), "Well").Count);
    }
}
