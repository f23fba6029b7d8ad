using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class ContentMapperTests
{
    private static readonly byte[] Data = [1, 2, 3];

    // Content, and the part that goes on the wire.
    public static TheoryData<AIContent, string> Parts =>
        new()
        {
            {
                new DataContent(Data, "image/png"),
                """{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}}"""
            },
            {
                new DataContent(Data, "video/mp4"),
                """{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AQID"}}"""
            },
            {
                new DataContent(Data, "audio/wav"),
                """{"type":"input_audio","input_audio":{"data":"data:audio/wav;base64,AQID","format":"wav"}}"""
            },
            {
                new DataContent(Data, "audio/mpeg"),
                """{"type":"input_audio","input_audio":{"data":"data:audio/mpeg;base64,AQID","format":"mp3"}}"""
            },
            {
                new DataContent(Data, "audio/x-wav"),
                """{"type":"input_audio","input_audio":{"data":"data:audio/x-wav;base64,AQID","format":"wav"}}"""
            },
            {
                new DataContent("data:audio/MP3;rate=8000;base64,AQID"),
                """{"type":"input_audio","input_audio":{"data":"data:audio/MP3;rate=8000;base64,AQID","format":"mp3"}}"""
            },
            {
                new UriContent("https://example.com/a", "audio/*"),
                """{"type":"input_audio","input_audio":{"data":"https://example.com/a"}}"""
            },
            {
                new UriContent("https://example.com/a.png?x=%E4%BD%A0", "image/png"),
                """{"type":"image_url","image_url":{"url":"https://example.com/a.png?x=%E4%BD%A0"}}"""
            },
            {
                new UriContent("https://example.com/a.mp4", "video/mp4"),
                """{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}"""
            },
            {
                new UriContent("oss://bucket/a.mp3", "audio/mp3"),
                """{"type":"input_audio","input_audio":{"data":"oss://bucket/a.mp3","format":"mp3"}}"""
            },
            {
                new UriContent("https://example.com/a.mp4", "video/mp4")
                {
                    AdditionalProperties = new() { ["fps"] = 0.5, ["Note"] = "x" },
                },
                """{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"},"fps":0.5}"""
            },
            {
                new DataContent(Data, "image/png") { AdditionalProperties = new() { ["max_pixels"] = 100.0 } },
                """{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"},"max_pixels":100}"""
            },
            {
                new TextContent("Hi")
                {
                    AdditionalProperties = new()
                    {
                        ["cache_control"] = new Dictionary<string, object?> { ["type"] = "ephemeral" },
                    },
                },
                """{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}"""
            },
        };

    [Theory]
    [MemberData(nameof(Parts))]
    public void ToPart_Content_IsSentAsAPart(AIContent content, string expected)
    {
        JsonAssert.Equal(
            $$"""[{"role":"user","content":[{{expected}}]}]""",
            Requests.MapMessages(new ChatMessage(ChatRole.User, [content]))
        );
    }

    [Fact]
    public void ToContent_TextAlone_IsOneString()
    {
        JsonAssert.Equal(
            """[{"role":"user","content":"Hello, world"}]""",
            Requests.MapMessages(
                new ChatMessage(
                    ChatRole.User,
                    [new TextContent("Hello"), new TextContent(", "), new TextContent("world")]
                )
            )
        );
    }

    [Fact]
    public void ToContent_TextAndImage_KeepTheirOrder()
    {
        var message = new ChatMessage(
            ChatRole.User,
            [new TextContent("A"), new UriContent("https://example.com/a.png", "image/png"), new TextContent("B")]
        );

        JsonAssert.Equal(
            """
            [{"role":"user","content":[{"type":"text","text":"A"},
              {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"text","text":"B"}]}]
            """,
            Requests.MapMessages(message)
        );
    }

    [Theory]
    [InlineData("type")]
    [InlineData("text")]
    public void ToPart_ExtraFieldOfTheSameNameAsAMember_IsSentOnce(string name)
    {
        var content = new TextContent("Hi")
        {
            AdditionalProperties = new() { [name] = "extra", ["fps"] = 1 },
        };

        using var messages = JsonDocument.Parse(Requests.MapMessages(new ChatMessage(ChatRole.User, [content])));

        var part = messages.RootElement[0].GetProperty("content")[0];
        Assert.Single(part.EnumerateObject(), member => member.Name == name);
    }

    public static TheoryData<AIContent, string> Unsupported =>
        new()
        {
            { new DataContent(Data, "application/pdf"), "DataContent (application/pdf) in a user message" },
            { new UriContent("https://example.com/a.pdf", "application/pdf"), "UriContent (application/pdf)" },
            { new HostedVectorStoreContent("v-1"), "HostedVectorStoreContent in a user message" },
            {
                new AIContent { RawRepresentation = JsonAssert.Element("[1]") },
                "AIContent in a user message"
            },
            { new FunctionCallContent("c", "f"), "FunctionCallContent in a user message" },
        };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void ToPart_ContentThatCannotBeSent_IsRefusedByName(AIContent content, string expected)
    {
        var message = new ChatMessage(ChatRole.User, [content]);

        var e = Assert.Throws<NotSupportedException>(() => Requests.MapMessages(message));

        Assert.Contains(expected, e.Message);
    }

    public static TheoryData<object?, string> Results =>
        new()
        {
            { "sunny", "sunny" },
            { "", "" },
            { null, "" },
            { 21, "21" },
            { true, "true" },
            { new TextContent("sunny"), "sunny" },
            { JsonAssert.Element("\"sunny\""), "sunny" },
            { JsonAssert.Element("""{"a":[1,"北京"]}"""), """{"a":[1,"北京"]}""" },
            {
                new Dictionary<string, object?> { ["城市"] = "北京" },
                """{"城市":"北京"}"""
            },
        };

    [Theory]
    [MemberData(nameof(Results))]
    public void ToText_Result_IsWhatTheModelReads(object? result, string expected)
    {
        Assert.Equal(expected, ContentMapper.ToText(new FunctionResultContent("c", result)));
    }

    [Fact]
    public void ToText_FailedFunction_SaysSo()
    {
        var result = new FunctionResultContent("c", null) { Exception = new TimeoutException("too slow") };

        Assert.Equal("Error: too slow", ContentMapper.ToText(result));
    }
}
