using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Contract;

public abstract partial class ChatClientContract
{
    /// <summary>A job in a schema.</summary>
    public enum Job
    {
        /// <summary>One who cooks.</summary>
        Cook,

        /// <summary>One who writes programs.</summary>
        Programmer,
    }

    /// <summary>A person in a schema.</summary>
    public sealed record Person(string FullName, int AgeInYears, bool HasHobby, Job Job);

    private const string Ada =
        "Describe as JSON the person with fullName 'Ada Byron', ageInYears 36, hasHobby true, job Programmer.";

    [Fact]
    public async Task GetResponseAsync_StructuredOutput()
    {
        Assert.Equal(new Person("Ada Byron", 36, true, Job.Programmer), await GetAsync<Person>(Ada));

        AssertSent(
            1,
            static sent =>
            {
                var schema = SchemaOf(sent[0]);
                Assert.Equal(
                    ["fullName", "ageInYears", "hasHobby", "job"],
                    schema.GetProperty("properties").EnumerateObject().Select(static property => property.Name)
                );
            }
        );
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutputArray()
    {
        Assert.Equal(["Ada", "Grace"], await GetAsync<string[]>("Give as JSON a list of the names 'Ada' and 'Grace'."));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutputBool_False()
    {
        Assert.False(await GetAsync<bool>("Give as JSON the value false."));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutputBool_True()
    {
        Assert.True(await GetAsync<bool>("Give as JSON the value true."));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutputEnum()
    {
        Assert.Equal(Job.Programmer, await GetAsync<Job>("Give as JSON the job of one who is a Programmer."));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutputInteger()
    {
        Assert.Equal(14, await GetAsync<int>("Give as JSON the number 14."));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutputString()
    {
        Assert.Equal("narwhal", await GetAsync<string>("Give as JSON the word 'narwhal'."));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutput_WithFunctions()
    {
        var find = AIFunctionFactory.Create(
            static () => "fullName 'Ada Byron', ageInYears 36, hasHobby true, job Programmer",
            "find_person",
            "Finds the person."
        );

        var response = await Invoking.GetResponseAsync<Person>(
            "Use find_person and describe as JSON whom it gives.",
            new ChatOptions { Tools = [find] },
            cancellationToken: Cancel
        );

        Assert.Equal(new Person("Ada Byron", 36, true, Job.Programmer), response.Result);
        AssertSent(2, static sent => Assert.All(sent, static body => SchemaOf(body)));
    }

    [Fact]
    public async Task GetResponseAsync_StructuredOutput_NonNative()
    {
        var response = await Client.GetResponseAsync<Person>(
            Ada,
            useJsonSchemaResponseFormat: false,
            cancellationToken: Cancel
        );

        Assert.Equal(new Person("Ada Byron", 36, true, Job.Programmer), response.Result);
        AssertSent(
            1,
            static sent =>
                Assert.Equal("json_object", sent[0].GetProperty("response_format").GetProperty("type").GetString())
        );
    }

    private async Task<T> GetAsync<T>(string question)
    {
        var response = await Client.GetResponseAsync<T>(question, cancellationToken: Cancel);
        AssertSent(1, static sent => SchemaOf(sent[0]));
        return response.Result;
    }

    private static JsonElement SchemaOf(JsonElement body)
    {
        var format = body.GetProperty("response_format");
        Assert.Equal("json_schema", format.GetProperty("type").GetString());
        return format.GetProperty("json_schema").GetProperty("schema");
    }
}
