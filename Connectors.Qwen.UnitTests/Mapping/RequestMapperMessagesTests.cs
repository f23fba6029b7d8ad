using Connectors.Qwen.Mapping;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Mapping;

public sealed class RequestMapperMessagesTests
{
    private static readonly IChatClient Client = Mock.Of<IChatClient>();

    [Fact]
    public void ToWire_LazyMessages_AreEnumeratedOnce()
    {
        var enumerations = 0;

        IEnumerable<ChatMessage> Messages()
        {
            enumerations++;
            yield return new ChatMessage(ChatRole.User, "Hello");
        }

        RequestMapper.ToWire(Messages(), new ChatOptions { Instructions = "Be brief." }, "m", isStream: false, Client);

        Assert.Equal(1, enumerations);
    }

    [Fact]
    public void ToWire_InstructionsWithoutMessages_AreRefused()
    {
        Assert.Throws<ArgumentException>(
            "messages",
            static () => RequestMapper.ToWire([], new ChatOptions { Instructions = "x" }, "m", isStream: false, Client)
        );
    }

    [Fact]
    public void ToWire_SeveralAnswersAsAStream_AreRefused()
    {
        var options = new ChatOptions { AdditionalProperties = new() { ["n"] = 2 } };
        ChatMessage[] messages = [new(ChatRole.User, "Hello")];

        Assert.Throws<ArgumentException>(
            "options",
            () => RequestMapper.ToWire(messages, options, "m", isStream: true, Client)
        );
        Assert.Equal(2, RequestMapper.ToWire(messages, options, "m", isStream: false, Client).N);
    }
}
