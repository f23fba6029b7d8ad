using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline.Calls;

public class MessageSnapshotTests
{
    [Fact]
    public void Of_LazyMessages_AreEnumeratedOnce()
    {
        var enumerations = 0;

        IEnumerable<ChatMessage> Messages()
        {
            enumerations++;
            yield return new ChatMessage(ChatRole.User, "a");
            yield return new ChatMessage(ChatRole.User, "b");
        }

        var snapshot = MessageSnapshot.Of(Messages());

        Assert.Equal(["a", "b"], snapshot.Select(m => m.Text));
        Assert.Equal(["a", "b"], snapshot.Select(m => m.Text));
        Assert.Equal(1, enumerations);
    }

    [Fact]
    public void Of_ListThatChangesLater_StaysAsItWas()
    {
        List<ChatMessage> messages = [new(ChatRole.User, "a")];

        var snapshot = MessageSnapshot.Of(messages);
        messages.Clear();

        Assert.Equal("a", Assert.Single(snapshot).Text);
    }

    [Fact]
    public void Of_Snapshot_IsTheSameOne()
    {
        var snapshot = MessageSnapshot.Of([new(ChatRole.User, "a")]);

        Assert.Same(snapshot, MessageSnapshot.Of(snapshot));
    }

    [Fact]
    public void Of_NoMessage_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>("messages", () => MessageSnapshot.Of([]));

        Assert.StartsWith("There is no message to send.", e.Message);
    }

    [Fact]
    public void Of_Null_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("messages", () => MessageSnapshot.Of(null!));
    }
}
