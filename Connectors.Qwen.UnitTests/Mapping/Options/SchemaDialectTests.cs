using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Options;

public class SchemaDialectTests
{
    private const string Schema = """{"type":"object","properties":{"a":true,"b":{"type":"integer","default":3}}}""";

    private const string Strict = """
        {"type":"object","properties":{"a":{},"b":{"type":"integer","description":"Default value: 3"}},
         "additionalProperties":false,"required":["a","b"]}
        """;

    private const string Loose = """{"type":"object","properties":{"a":{},"b":{"type":"integer","default":3}}}""";

    [Theory]
    [InlineData(null, Strict, "true")]
    [InlineData(true, Strict, "true")]
    [InlineData(false, Loose, "false")]
    public void AnswerSchema_IsStrictUnlessTheCallerSaysNo(bool? strict, string schema, string sent)
    {
        var options = new ChatOptions
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonAssert.Element(Schema)),
            AdditionalProperties = strict is null ? null : new() { ["strict"] = strict },
        };

        JsonAssert.Equal(
            $$"""
            {"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":{{sent}},"schema":{{schema}} } } }
            """,
            Requests.MapOptions(options)
        );
    }

    [Theory]
    [InlineData(null, Loose)]
    [InlineData(true, Strict)]
    [InlineData(false, Loose)]
    public void ToolSchema_IsStrictWhereTheCallerSaysSo(bool? strict, string schema)
    {
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.CreateDeclaration("f", null, JsonAssert.Element(Schema))],
            AdditionalProperties = strict is null ? null : new() { ["strict"] = strict },
        };

        var function = JsonAssert.Element(Requests.MapOptions(options)).GetProperty("tools")[0].GetProperty("function");

        JsonAssert.Equal(schema, function.GetProperty("parameters").GetRawText());
        Assert.Equal(strict, function.TryGetProperty("strict", out var sent) ? sent.GetBoolean() : null);
    }
}
