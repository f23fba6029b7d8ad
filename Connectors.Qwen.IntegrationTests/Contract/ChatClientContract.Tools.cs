using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Contract;

public abstract partial class ChatClientContract
{
    /// <summary>A parameter with properties.</summary>
    public sealed record Trip([property: Description("Where it begins.")] string Start, string Goal, int Days);

    private IChatClient Invoking => Client.AsBuilder().UseFunctionInvocation().Build();

    [Fact]
    public async Task FunctionInvocation_AutomaticallyInvokeFunction_Parameterless()
    {
        var code = AIFunctionFactory.Create(static () => 7431, "get_code", "Gives the code of the door.");

        var response = await Invoking.GetResponseAsync(
            "Which code does get_code give?",
            new ChatOptions { Tools = [code] },
            Cancel
        );

        AssertHas("7431", response.Text);
        AssertSent(
            2,
            static sent =>
            {
                Assert.Equal(["user", "assistant", "tool"], Roles(sent[1]));
                Assert.Equal("7431", ContentOf(sent[1], 2));
                Assert.Equal("object", FunctionOf(sent[0]).GetProperty("parameters").GetProperty("type").GetString());
            }
        );
    }

    [Fact]
    public Task FunctionInvocation_AutomaticallyInvokeFunction_WithParameters_NonStreaming()
    {
        return AddAsync(static (client, question, options) => client.GetResponseAsync(question, options, Cancel));
    }

    [Fact]
    public Task FunctionInvocation_AutomaticallyInvokeFunction_WithParameters_Streaming()
    {
        return AddAsync(
            static (client, question, options) =>
                client.GetStreamingResponseAsync(question, options, Cancel).ToChatResponseAsync(Cancel)
        );
    }

    [Fact]
    public async Task FunctionInvocation_OptionalParameter()
    {
        var order = AIFunctionFactory.Create(
            static (string dish, int portions = 3) => $"{portions} of {dish}",
            "order",
            "Orders a dish; portions is optional and not needed."
        );

        var response = await Invoking.GetResponseAsync(
            "Use order with dish 'soup' and leave the rest out. What was ordered?",
            new ChatOptions { Tools = [order] },
            Cancel
        );

        AssertHas("3", response.Text);
        AssertHas("soup", response.Text);
        AssertSent(
            2,
            static sent =>
            {
                Assert.Equal(
                    ["dish"],
                    FunctionOf(sent[0])
                        .GetProperty("parameters")
                        .GetProperty("required")
                        .EnumerateArray()
                        .Select(static name => name.GetString())
                );
                Assert.Equal("3 of soup", ContentOf(sent[1], 2));
            }
        );
    }

    [Fact]
    public async Task FunctionInvocation_NestedParameters()
    {
        Trip? planned = null;
        var plan = AIFunctionFactory.Create(
            (Trip trip) =>
            {
                planned = trip;
                return "planned";
            },
            "plan_trip",
            "Plans a trip."
        );

        await Invoking.GetResponseAsync(
            "Use plan_trip with start 'Ulm', goal 'Graz' and days 4.",
            new ChatOptions { Tools = [plan] },
            Cancel
        );

        Assert.Equal(new Trip("Ulm", "Graz", 4), planned);
        AssertSent(2);
    }

    [Fact]
    public async Task FunctionInvocation_ArrayParameter()
    {
        string[]? seen = null;
        var total = AIFunctionFactory.Create(
            (string[] names) =>
            {
                seen = names;
                return names.Length;
            },
            "count_names",
            "Counts names."
        );

        await Invoking.GetResponseAsync(
            "Use count_names once, for names 'Ada', 'Grace' and 'Edith'.",
            new ChatOptions { Tools = [total] },
            Cancel
        );

        Assert.Equal("Ada, Grace, Edith", string.Join(", ", seen ?? []));
        AssertSent(2);
    }

    [Fact]
    public async Task FunctionInvocation_SupportsMultipleParallelRequests()
    {
        var age = AIFunctionFactory.Create(
            static (string name) => name == "Ada" ? 36 : 85,
            "get_age",
            "Gives the age of one person."
        );

        var response = await Invoking.GetResponseAsync(
            "Use get_age for 'Ada' and for 'Grace'. How old are they?",
            new ChatOptions { Tools = [age], AllowMultipleToolCalls = true },
            Cancel
        );

        AssertHas("36", response.Text);
        AssertHas("85", response.Text);
        AssertSent(
            KeepsDetailsOfTools ? 2 : 3,
            sent =>
            {
                Assert.Equal(2, Roles(sent[^1]).Count(static role => role == "tool"));
                Assert.Equal(KeepsDetailsOfTools, sent[0].TryGetProperty("parallel_tool_calls", out _));
            }
        );
    }

    [Fact]
    public async Task FunctionInvocation_RequireAny()
    {
        var runs = 0;
        var bell = AIFunctionFactory.Create(() => ++runs, "ring_bell", "Rings the bell.");

        await Invoking.GetResponseAsync(
            "Good morning.",
            new ChatOptions { Tools = [bell], ToolMode = ChatToolMode.RequireAny },
            Cancel
        );

        Assert.True(runs >= 1);
        AssertSent(
            2,
            static sent =>
            {
                Assert.Equal("required", sent[0].GetProperty("tool_choice").GetString());
                AssertFreeAgain(sent[1]);
            }
        );
    }

    [Fact]
    public async Task FunctionInvocation_RequireSpecific()
    {
        var (bells, lamps) = (0, 0);
        var bell = AIFunctionFactory.Create(() => ++bells, "ring_bell", "Rings the bell.");
        var lamp = AIFunctionFactory.Create(() => ++lamps, "light_lamp", "Lights the lamp.");

        await Invoking.GetResponseAsync(
            "Good morning.",
            new ChatOptions { Tools = [bell, lamp], ToolMode = ChatToolMode.RequireSpecific("light_lamp") },
            Cancel
        );

        Assert.True(lamps >= 1);
        Assert.Equal(0, bells);
        AssertSent(2, static sent => AssertFreeAgain(sent[1]));
    }

    [Fact]
    public Task AvailableTools_SchemasAreAccepted_Strict()
    {
        return AcceptAsync(strict: true);
    }

    [Fact]
    public Task AvailableTools_SchemasAreAccepted_NonStrict()
    {
        return AcceptAsync(strict: false);
    }

    private async Task AddAsync(Func<IChatClient, string, ChatOptions, Task<ChatResponse>> ask)
    {
        var add = AIFunctionFactory.Create(static (int a, int b) => a + b, "add", "Adds two numbers.");

        var response = await ask(
            Invoking,
            "Use add with a 4012 and b 30. What comes out?",
            new ChatOptions { Tools = [add] }
        );

        AssertHas("4042", response.Text.Replace(",", "", StringComparison.Ordinal));
        AssertSent(
            2,
            static sent =>
            {
                var call = sent[1].GetProperty("messages")[1].GetProperty("tool_calls")[0];
                Assert.Equal(
                    call.GetProperty("id").GetString(),
                    sent[1].GetProperty("messages")[2].GetProperty("tool_call_id").GetString()
                );
                using var arguments = JsonDocument.Parse(
                    call.GetProperty("function").GetProperty("arguments").GetString()!
                );
                Assert.Equal(4012, arguments.RootElement.GetProperty("a").GetInt32());
                Assert.Equal("4042", ContentOf(sent[1], 2));
            }
        );
    }

    private async Task AcceptAsync(bool strict)
    {
        AIFunction[] tools =
        [
            Create("take_numbers", static (int a, double b, decimal c, long? d = null) => $"{a}{b}{c}{d}"),
            Create("take_words", static (string a, char b, Guid c, Uri? d = null) => $"{a}{b}{c}{d}"),
            Create("take_times", static (DateTimeOffset a, TimeSpan b, DateOnly c) => $"{a}{b}{c}"),
            Create("take_choices", static (bool a, DayOfWeek b, DayOfWeek? c = null) => $"{a}{b}{c}"),
            Create("take_lists", static (int[] a, List<string> b, Dictionary<string, int> c) => $"{a}{b}{c}"),
            Create("take_objects", static (Trip a, Trip[] b, object? c = null) => $"{a}{b}{c}"),
            Create("take_nothing", static () => ""),
        ];

        var response = await Client.GetResponseAsync(
            "Repeat exactly: narwhal",
            new ChatOptions { Tools = [.. tools] },
            Cancel
        );

        AssertHas("narwhal", response.Text);
        AssertSent(
            1,
            sent =>
            {
                var functions = sent[0]
                    .GetProperty("tools")
                    .EnumerateArray()
                    .Select(static tool => tool.GetProperty("function"))
                    .ToList();
                Assert.Equal(
                    tools.Select(static tool => tool.Name),
                    functions.Select(static function => function.GetProperty("name").GetString())
                );
                Assert.All(
                    functions,
                    function =>
                        Assert.Equal(
                            KeepsDetailsOfTools ? $"{strict}" : "",
                            function.TryGetProperty("strict", out var said) ? $"{said}" : ""
                        )
                );
            }
        );

        AIFunction Create(string name, Delegate method)
        {
            return AIFunctionFactory.Create(
                method,
                new AIFunctionFactoryOptions
                {
                    Name = name,
                    AdditionalProperties = new Dictionary<string, object?> { ["strict"] = strict },
                }
            );
        }
    }

    private static JsonElement FunctionOf(JsonElement body)
    {
        return body.GetProperty("tools")[0].GetProperty("function");
    }

    // Forced once: else the model would call for ever.
    private static void AssertFreeAgain(JsonElement body)
    {
        Assert.True(!body.TryGetProperty("tool_choice", out var choice) || $"{choice}" == "auto", $"{choice}");
    }
}
