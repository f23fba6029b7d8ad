using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Mapping.Embeddings;

public sealed class EmbeddingRequestMapperTests
{
    [Fact]
    public void Parameters_Nothing_IsTheModel()
    {
        JsonAssert.Equal("""{"model":"default-model"}""", Map(null));
    }

    [Fact]
    public void Parameters_DefaultDimensions_GiveWayToTheCalls()
    {
        JsonAssert.Equal("""{"model":"default-model","dimensions":256}""", Map(null, 256));
        JsonAssert.Equal(
            """{"model":"other","dimensions":64}""",
            Map(new() { ModelId = "other", Dimensions = 64 }, 256)
        );
    }

    [Fact]
    public void Parameters_AnyWireName_IsSent_AndNotesOfOthersAreNot()
    {
        var options = new EmbeddingGenerationOptions
        {
            AdditionalProperties = new()
            {
                ["text_type"] = "document",
                ["instruct"] = "Search.",
                ["encoding_format"] = "float",
                ["dimensions"] = 128,
                ["model"] = "by-name",
                ["new_field"] = new Dictionary<string, object?> { ["a"] = 1 },
                ["Note"] = "ours",
                ["unset"] = null,
            },
        };

        JsonAssert.Equal(
            """
            {"model":"by-name","dimensions":128,"encoding_format":"float","text_type":"document","instruct":"Search.","new_field":{"a":1}}
            """,
            Map(options)
        );
    }

    [Fact]
    public void Parameters_Precedence_RawThenPortableThenByName()
    {
        var raw = new QwenEmbeddingRequest
        {
            TextType = "query",
            AdditionalProperties = new Dictionary<string, JsonElement>
            {
                ["instruct"] = JsonAssert.Element("\"raw\""),
                ["extra"] = JsonAssert.Element("1"),
            },
        };
        var options = new EmbeddingGenerationOptions
        {
            RawRepresentationFactory = _ => raw,
            Dimensions = 64,
            AdditionalProperties = new()
            {
                ["text_type"] = "document",
                ["instruct"] = "by name",
                ["dimensions"] = 128,
                ["extra"] = 2,
            },
        };

        JsonAssert.Equal(
            """{"model":"default-model","dimensions":64,"text_type":"query","instruct":"raw","extra":1}""",
            Map(options)
        );
        // The caller's own object is not written to.
        Assert.Equal((null, null, null), (raw.Model, raw.Dimensions, raw.Instruct));
        Assert.Equal(2, raw.AdditionalProperties.Count);
    }

    [Theory]
    [InlineData("input", "x", "made from the texts")]
    [InlineData("text_type", 5, "the parameter is text")]
    [InlineData("dimensions", "many", "the parameter is a whole number")]
    public void Parameters_WhatCannotBe_IsRefusedByName(string name, object value, string expected)
    {
        var options = new EmbeddingGenerationOptions { AdditionalProperties = new() { [name] = value } };

        var e = Assert.Throws<ArgumentException>(() => Map(options));

        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_DimensionsThatCannotBe_AreRefused()
    {
        var options = new EmbeddingGenerationOptions { AdditionalProperties = new() { ["dimensions"] = 0 } };

        Assert.Throws<ArgumentOutOfRangeException>("options", () => Map(options));
    }

    private static string Map(EmbeddingGenerationOptions? options, int? dimensions = null)
    {
        var request = EmbeddingRequestMapper.Parameters(
            options,
            "default-model",
            dimensions,
            Mock.Of<IEmbeddingGenerator>()
        );
        return JsonSerializer.Serialize(request, QwenJsonContext.Wire.QwenEmbeddingRequest);
    }
}
