using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Options;

public class JsonWordTests
{
    private static readonly ChatOptions Json = new() { ResponseFormat = ChatResponseFormat.Json };

    [Fact]
    public void NoMessageHasTheWord_ASentenceStandsBehindTheSystemMessages()
    {
        JsonAssert.Equal(
            """
            [{"role":"system","content":"Be brief."},{"role":"system","content":"Answer with one JSON object."},
             {"role":"user","content":"Hi"}]
            """,
            Messages(Json, new(ChatRole.System, "Be brief."), new(ChatRole.User, "Hi"))
        );
    }

    [Theory]
    [InlineData("As json, please")]
    [InlineData("用JSON回答")]
    public void AMessageHasTheWord_NothingIsAdded(string text)
    {
        JsonAssert.Equal(
            $$"""[{"role":"user","content":"{{text}}"}]""",
            Messages(Json, new ChatMessage(ChatRole.User, text))
        );
    }

    [Fact]
    public void APartHasTheWord_NothingIsAdded()
    {
        var message = new ChatMessage(
            ChatRole.User,
            [new TextContent("What is it? JSON."), new UriContent("https://h/a.png", "image/png")]
        );

        JsonAssert.Equal(
            """
            [{"role":"user","content":[{"type":"text","text":"What is it? JSON."},
             {"type":"image_url","image_url":{"url":"https://h/a.png"}}]}]
            """,
            Messages(Json, message)
        );
    }

    [Fact]
    public void C2_TheBeginningOfTheAnswerHasTheWord_TheMessagesBeforeItStayWhatTheyWere()
    {
        var beginning = new ChatMessage(ChatRole.Assistant, "{\"json\":")
        {
            AdditionalProperties = new() { ["partial"] = true },
        };

        JsonAssert.Equal(
            """
            [{"role":"system","content":"Answer with one JSON object."},{"role":"user","content":"Hi"},
             {"role":"assistant","content":"{\"json\":","partial":true}]
            """,
            Messages(Json, new ChatMessage(ChatRole.User, "Hi"), beginning)
        );
    }

    [Fact]
    public void OtherForms_NeedNoWord()
    {
        var schema = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonAssert.Element("{}")) };

        foreach (
            var options in new[]
            {
                null,
                schema,
                new ChatOptions { ResponseFormat = ChatResponseFormat.Text },
            }
        )
        {
            JsonAssert.Equal(
                """[{"role":"user","content":"Hi"}]""",
                Messages(options, new ChatMessage(ChatRole.User, "Hi"))
            );
        }
    }

    private static string Messages(ChatOptions? options, params ChatMessage[] messages)
    {
        return JsonAssert.Element(Requests.Map(options, messages)).GetProperty("messages").GetRawText();
    }
}
