using System.Text.Json.Nodes;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Contents;

/// <summary>Content that is neither text nor one picture, sound or film.</summary>
public class RareContentTests
{
    private static readonly UriContent Picture = new("https://h/a.png", "image/png");

    [Fact]
    public void VideoFrames_AreOnePart()
    {
        var frames = new QwenVideoFramesContent([Picture, new DataContent(new byte[] { 1 }, "image/jpeg")])
        {
            FramesPerSecond = 0.5,
            AdditionalProperties = new() { ["max_pixels"] = 1000 },
        };

        JsonAssert.Equal(
            """
            [{"role":"user","content":[{"type":"video","video":["https://h/a.png","data:image/jpeg;base64,AQ=="],
             "max_pixels":1000,"fps":0.5}]}]
            """,
            Requests.MapMessages(new ChatMessage(ChatRole.User, [frames]))
        );
    }

    [Fact]
    public void VideoFrames_WrongOnes_AreRefusedAtOnce()
    {
        Assert.Throws<ArgumentNullException>("frames", static () => new QwenVideoFramesContent(null!));
        Assert.Throws<ArgumentException>("frames", static () => new QwenVideoFramesContent([]));
        Assert.Throws<ArgumentException>("frames", static () => new QwenVideoFramesContent([new TextContent("no")]));
        Assert.Throws<ArgumentException>("frames", static () => new QwenVideoFramesContent([null!]));
    }

    [Fact]
    public void PixelLimitsOfAPicture_AreMembersOfItsPart()
    {
        var picture = new UriContent("https://h/a.png", "image/png")
        {
            AdditionalProperties = new() { ["min_pixels"] = 1, ["max_pixels"] = 2 },
        };

        JsonAssert.Equal(
            """
            [{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://h/a.png"},"min_pixels":1,"max_pixels":2}]}]
            """,
            Requests.MapMessages(new ChatMessage(ChatRole.User, [picture]))
        );
    }

    [Fact]
    public void Files_StandAloneInASystemMessage()
    {
        var message = new ChatMessage(
            ChatRole.User,
            [new HostedFileContent("f-1"), new TextContent("Compare."), new HostedFileContent("f-2")]
        );

        JsonAssert.Equal(
            """
            [{"role":"system","content":"Be brief."},{"role":"system","content":"fileid://f-1,fileid://f-2"},
             {"role":"user","content":"Compare."}]
            """,
            Requests.MapMessages(new(ChatRole.System, "Be brief."), message)
        );
    }

    [Fact]
    public void Files_OfAMessageOfTheirOwn_AddNoEmptyMessage()
    {
        JsonAssert.Equal(
            """[{"role":"system","content":"fileid://f-1"},{"role":"user","content":"Sum up."}]""",
            Requests.MapMessages(new(ChatRole.System, [new HostedFileContent("f-1")]), new(ChatRole.User, "Sum up."))
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public void APartAsJson_IsSentAsItIs(bool node)
    {
        const string Part = """{"type":"new_kind","new_kind":{"a":1},"b":[2]}""";
        var content = new AIContent { RawRepresentation = node ? JsonNode.Parse(Part) : JsonAssert.Element(Part) };

        JsonAssert.Equal(
            $$"""[{"role":"user","content":[{{Part}}]}]""",
            Requests.MapMessages(new ChatMessage(ChatRole.User, [content]))
        );
    }

    [Fact]
    public void ToolResultWithPictures_TheyFollowBehindAllResults()
    {
        var calls = new ChatMessage(
            ChatRole.Assistant,
            [new FunctionCallContent("c1", "look"), new FunctionCallContent("c2", "name")]
        );
        AIContent[] looked = [new TextContent("Seen:"), Picture];

        JsonAssert.Equal(
            """
            [{"role":"user","content":"Hi"},
             {"role":"assistant","content":null,"tool_calls":[
              {"id":"c1","type":"function","function":{"name":"look","arguments":"{}"}},
              {"id":"c2","type":"function","function":{"name":"name","arguments":"{}"}}]},
             {"role":"tool","content":"Seen:\n(The content is in the next user message.)","tool_call_id":"c1"},
             {"role":"tool","content":"A cat","tool_call_id":"c2"},
             {"role":"user","content":[{"type":"text","text":"What the tool call c1 returned:"},
              {"type":"image_url","image_url":{"url":"https://h/a.png"}}]},
             {"role":"user","content":"Go on."}]
            """,
            Requests.MapMessages(
                new(ChatRole.User, "Hi"),
                calls,
                new(ChatRole.Tool, [new FunctionResultContent("c1", looked)]),
                new(ChatRole.Tool, [new FunctionResultContent("c2", "A cat")]),
                new(ChatRole.User, "Go on.")
            )
        );
    }

    [Fact]
    public void ToolResultOfTextContents_IsTheirText()
    {
        AIContent[] texts = [new TextContent("a"), new TextContent("b")];

        JsonAssert.Equal(
            """[{"role":"tool","content":"a\nb","tool_call_id":"c1"}]""",
            Requests.MapMessages(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", texts)]))
        );
    }

    [Fact]
    public void ToolResultThatCannotBeSent_IsRefused()
    {
        var result = new FunctionResultContent("c1", new DataContent(new byte[] { 1 }, "application/pdf"));

        var e = Assert.Throws<NotSupportedException>(() =>
            Requests.MapMessages(new ChatMessage(ChatRole.Tool, [result]))
        );

        Assert.Contains("application/pdf", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheModelSpoke_IsSentBackAsItsWords()
    {
        var spoken = new ChatMessage(
            ChatRole.Assistant,
            [new TextContent("Hello"), new DataContent(new byte[] { 1 }, "audio/pcm")]
        );

        JsonAssert.Equal("""[{"role":"assistant","content":"Hello"}]""", Requests.MapMessages(spoken));
    }
}
