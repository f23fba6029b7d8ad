using System.Text.Json.Nodes;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Mapping;

public class LooseJsonTests
{
    // The texts are compared exactly: 5 and 5.0 are the same number, and not the same to the service.
    public static TheoryData<object, string> Values =>
        new()
        {
            { "a\"b", "\"a\\u0022b\"" },
            { true, "true" },
            { 5.0, "5" },
            { -5.0, "-5" },
            { -0.0, "0" },
            { 5.5, "5.5" },
            { 1e300, "1E+300" },
            { 9007199254740991.0, "9007199254740991" },
            { 5f, "5" },
            { 0.1f, "0.1" },
            { 5.5m, "5.5" },
            { 5, "5" },
            { 5L, "5" },
            { (short)5, "5" },
            { (sbyte)-5, "-5" },
            { (byte)5, "5" },
            { (ushort)5, "5" },
            { uint.MaxValue, "4294967295" },
            { ulong.MaxValue, "18446744073709551615" },
            { long.MinValue, "-9223372036854775808" },
            { new object?[] { 1.0, "x", null, false }, "[1,\"x\",null,false]" },
            {
                new List<int> { 1, 2 },
                "[1,2]"
            },
            {
                new Dictionary<string, object?> { ["a"] = 1.0, ["b"] = new[] { "c" } },
                "{\"a\":1,\"b\":[\"c\"]}"
            },
            {
                new Dictionary<string, string> { ["a"] = "b" },
                "{\"a\":\"b\"}"
            },
            {
                new Dictionary<string, int> { ["a"] = 1 },
                "{\"a\":1}"
            },
        };

    [Theory]
    [MemberData(nameof(Values))]
    public void ToElement_Value_IsItsJson(object value, string expected)
    {
        Assert.Equal(expected, LooseJson.ToElement(value, "p").GetRawText());
    }

    [Fact]
    public void ToElement_JsonOfAnyKind_IsTakenAsItIs()
    {
        Assert.Equal("5.0", LooseJson.ToElement(JsonAssert.Element("5.0"), "p").GetRawText());
        Assert.Equal("[5.0]", LooseJson.ToElement(JsonNode.Parse("[5.0]")!, "p").GetRawText());
        Assert.Equal("{\"a\":[5.0]}", LooseJson.ToElement(JsonNode.Parse("{\"a\":[5.0]}")!, "p").GetRawText());
        Assert.Equal("[5.0]", LooseJson.ToElement(new object[] { JsonAssert.Element("5.0") }, "p").GetRawText());
    }

    [Fact]
    public void ToElement_TypeWithoutJsonForm_IsNamed()
    {
        var e = Assert.Throws<ArgumentException>(() => LooseJson.ToElement(new[] { new Version(1, 0) }, "audio"));

        Assert.StartsWith("AdditionalProperties[\"audio\"] is a Version.", e.Message);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ToElement_NumberThatJsonHasNot_IsRefused(double number)
    {
        Assert.Throws<ArgumentException>(() => LooseJson.ToElement(number, "p"));
    }
}
