using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline.Calls;

public class PromptSizeTests
{
    public static TheoryData<AIContent, long, long> Contents =>
        new()
        {
            { new TextContent(new string('a', 480)), 480, 100 },
            { new TextContent(new string('中', 150)), 450, 100 },
            { new TextContent(new string('a', 48) + new string('中', 15) + new string('a', 48)), 141, 30 },
            { new TextContent(new string('中', 15) + "aaaa"), 49, 10 },
            { new TextContent(""), 0, 0 },
            { new FunctionResultContent("c", new string('a', 480)), 480, 100 },
            { new FunctionResultContent("c", 42), 0, 0 },
            { new DataContent(new byte[3000], "image/png"), 4022, 0 },
            { new UriContent("https://example.com/a.png", "image/png"), 0, 0 },
        };

    [Theory]
    [MemberData(nameof(Contents))]
    public void Of_Content_IsItsBytesAndTokens(AIContent content, long bytes, long tokens)
    {
        Assert.Equal(new PromptSize(bytes, tokens), PromptSize.Of([new ChatMessage(ChatRole.User, [content])]));
    }

    [Fact]
    public void Of_SeveralMessages_IsTheirSum()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, new string('a', 480)),
            new(ChatRole.User, [new TextContent(new string('中', 150)), new DataContent(new byte[3], "image/png")]),
        ];

        Assert.Equal(new PromptSize(956, 200), PromptSize.Of(messages));
    }
}
