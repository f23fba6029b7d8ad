using Connectors.Qwen.Mapping.Words;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

public class TimeoutPlaceholderTests
{
    [Theory]
    [InlineData("(request timeout)")]
    [InlineData("\n (request timeout) \r\n")]
    public void Add_NothingButThePlaceholder_IsHeldInAnyPieces(string text)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var placeholder = new TimeoutPlaceholder();
            var ready = Add(placeholder, text, size);

            Assert.Empty(ready);
            Assert.True(placeholder.IsAll);
        }
    }

    [Theory]
    [InlineData("Hello")]
    [InlineData("(request")]
    [InlineData("( request timeout)")]
    [InlineData("(request timeout) is what it said")]
    [InlineData("(request timeout)(request timeout)")]
    [InlineData("The error was (request timeout)")]
    [InlineData(" \n ")]
    public void Add_AnythingElse_IsTextAsItCame(string text)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var placeholder = new TimeoutPlaceholder();
            var ready = Add(placeholder, text, size);
            Assert.False(placeholder.IsAll);
            placeholder.Release(ready);

            Assert.Equal(text.Chunk(size).Select(static c => new string(c)), ready.Select(static r => r.ToString()));
        }
    }

    [Fact]
    public void Add_FirstWordOfAnotherText_IsNotHeld()
    {
        Assert.Single(Add(new TimeoutPlaceholder(), "(requested", 20));
    }

    [Theory]
    [InlineData(" (request timeout)\n", true)]
    [InlineData("(request timeout).", false)]
    [InlineData("", false)]
    public void IsAllOf_WholeMessage_IsJudgedTrimmed(string text, bool expected)
    {
        Assert.Equal(expected, TimeoutPlaceholder.IsAllOf(new ChatMessage(ChatRole.Assistant, text)));
    }

    [Fact]
    public void IsAllOf_MessageWithACall_IsNot()
    {
        var message = new ChatMessage(
            ChatRole.Assistant,
            [new TextContent(TimeoutPlaceholder.Text), new FunctionCallContent("c1", "f")]
        );

        Assert.False(TimeoutPlaceholder.IsAllOf(message));
    }

    private static List<AIContent> Add(TimeoutPlaceholder placeholder, string text, int size)
    {
        var ready = new List<AIContent>();
        foreach (var piece in text.Chunk(size))
        {
            placeholder.Add(new string(piece), ready);
        }

        return ready;
    }
}
