using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Recorded;

/// <summary>
/// The simulator writes what the service writes, member by member: a client that passes here meets nothing new there. Asked
/// with plain HTTP, so that no client of ours stands in between.
/// </summary>
public sealed class SimulatorShapeTests
{
    private const string Plain = """{"model":"qwen3-max","messages":[{"role":"user","content":"Tell a story."}]""";
    private const string Thinking = Plain + ""","enable_thinking":true""";
    private const string Tool =
        """{"model":"qwen3-max","messages":[{"role":"user","content":"Use the weather tool for San Francisco."}],"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"location":{"type":"string"}},"required":["location"]}}}]""";

    public static TheoryData<string, string> Requests =>
        new()
        {
            { "text", Plain },
            { "reasoning", Thinking },
            { "tool-call", Tool },
        };

    [Theory, MemberData(nameof(Requests))]
    public async Task Stream_OfTheSimulator_HasTheShapesOfTheRecording(string name, string request)
    {
        var recorded = Recording.Chunks(name).Select(Shape).ToArray();

        var generated = Data(await PostAsync(request + ""","stream":true,"stream_options":{"include_usage":true}}"""));

        Assert.Equal("[DONE]", generated[^1]);
        var shapes = generated[..^1].Select(Shape).ToArray();
        Assert.All(shapes, shape => Assert.Contains(shape, recorded));
        // The same beginning, the same way to finish, the same usage: nothing that the service sends is left out.
        Assert.Equal(recorded[0], shapes[0]);
        Assert.Equal(recorded[^2..], shapes[^2..]);
        Assert.Equal(
            recorded.Distinct().Order(StringComparer.Ordinal).Where(shape => !IsRare(name, shape, recorded)),
            shapes.Distinct().Order(StringComparer.Ordinal).Where(shape => !IsRare(name, shape, recorded))
        );
    }

    [Theory, MemberData(nameof(Requests))]
    public async Task Answer_OfTheSimulator_HasTheShapeOfTheRecording(string name, string request)
    {
        var answer = await PostAsync(request + "}");

        Assert.Equal(Shape(Recording.Answer(name)), Shape(answer));
    }

    [Fact]
    public async Task Rejection_OfTheSimulator_HasTheShapeOfTheRecordedOne()
    {
        var recorded = Encoding.UTF8.GetString(Recording.Bytes("native/auth-error-nosse.response.body.txt"));

        var generated = await PostAsync(Plain + "}", key: null);

        Assert.Equal(Shape(recorded), Shape(generated));
        Assert.Equal("InvalidApiKey", (string?)JsonNode.Parse(generated)!["code"]);
    }

    // One chunk of the recorded tool call has no "logprobs" and no "finish_reason"; whether that is sent is the service's mood.
    private static bool IsRare(string name, string shape, string[] recorded)
    {
        return name == "tool-call"
            && recorded.Count(candidate => candidate == shape) == 1
            && !shape.Contains("finish", StringComparison.Ordinal);
    }

    private static async Task<string> PostAsync(string body, string? key = QwenSimulatorOptions.DefaultApiKey)
    {
        await using var qwen = await QwenSimulator.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, qwen.Endpoint + "/chat/completions")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static string[] Data(string stream)
    {
        return
        [
            .. stream
                .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Select(static line =>
                    line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : "not data: " + line
                ),
        ];
    }

    private static string Shape(string json)
    {
        return Shape(JsonNode.Parse(json));
    }

    // Names and kinds, without values and without order: the service varies the order within one stream.
    private static string Shape(JsonNode? node)
    {
        return node switch
        {
            null => "null",
            JsonObject members => "{"
                + string.Join(
                    ",",
                    members
                        .OrderBy(static member => member.Key, StringComparer.Ordinal)
                        .Select(static member => member.Key + ":" + Shape(member.Value))
                )
                + "}",
            JsonArray items => "[" + string.Join(",", items.Select(Shape)) + "]",
            _ => node.GetValueKind().ToString(),
        };
    }
}
