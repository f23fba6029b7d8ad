using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Contents;

public class LastMessageTests
{
    [Theory]
    [InlineData("system user system", "system user user")]
    [InlineData("system", "system")]
    [InlineData("system system", "system system")]
    [InlineData("system assistant", "system assistant")]
    [InlineData("user assistant system", "user assistant user")]
    [InlineData("user system assistant", "user user assistant")]
    [InlineData("system user", "system user")]
    [InlineData("system user assistant", "system user assistant")]
    [InlineData("user assistant tool", "user assistant tool")]
    [InlineData("system system user", "system system user")]
    [InlineData("assistant", "assistant")]
    [InlineData("", "")]
    public void Settle_SystemMessageAtTheEnd_IsTheUsers(string roles, string expected)
    {
        List<WireMessage> messages =
        [
            .. roles
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static (role, i) => new WireMessage { Role = role, Content = new($"{i}") }),
        ];

        LastMessage.Settle(messages);

        Assert.Equal(expected, string.Join(' ', messages.Select(static message => message.Role)));
        Assert.Equal(
            Enumerable.Range(0, messages.Count).Select(static i => $"{i}"),
            messages.Select(static message => message.Content.Text)
        );
    }

    [Fact]
    public void ToWire_FilesAtTheEnd_StayTheSystems()
    {
        JsonAssert.Equal(
            """
            {"model":"default-model","messages":[
              {"role":"user","content":"Hello"},
              {"role":"system","content":"fileid://f-1"}]}
            """,
            Requests.Map(null, [.. Inner.Hello, new(ChatRole.User, [new HostedFileContent("f-1")])])
        );
    }

    [Fact]
    public void ToWire_SystemMessageAtTheEnd_KeepsWhatItSays()
    {
        var last = new ChatMessage(ChatRole.System, "Sum it up.")
        {
            AuthorName = "reducer",
            AdditionalProperties = new() { ["cache_control"] = "x" },
        };

        JsonAssert.Equal(
            """
            {"model":"default-model","messages":[
              {"role":"user","content":"Hello"},
              {"role":"user","content":"Sum it up.","name":"reducer","cache_control":"x"}]}
            """,
            Requests.Map(null, [.. Inner.Hello, last])
        );
    }
}
