using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Contract;

public abstract partial class ChatClientContract
{
    [Fact]
    public async Task Logging_LogsCalls_NonStreaming()
    {
        using var logs = new RecordingLogger();
        using var client = Client.AsBuilder().UseLogging(logs).Build();

        await client.GetResponseAsync("Repeat exactly: narwhal", cancellationToken: Cancel);

        Assert.Collection(
            Texts(logs),
            static text => AssertHas("GetResponseAsync invoked", text),
            static text =>
            {
                AssertHas("GetResponseAsync completed", text);
                AssertHas("narwhal", text);
            }
        );
        AssertSent(1);
    }

    [Fact]
    public async Task Logging_LogsCalls_Streaming()
    {
        using var logs = new RecordingLogger();
        using var client = Client.AsBuilder().UseLogging(logs).Build();

        await client
            .GetStreamingResponseAsync("Repeat exactly: narwhal", cancellationToken: Cancel)
            .ToListAsync(Cancel);

        var texts = Texts(logs);
        AssertHas("GetStreamingResponseAsync invoked", texts[0]);
        Assert.Contains(texts, static text => text.Contains("received update", StringComparison.Ordinal));
        AssertHas("GetStreamingResponseAsync completed", texts[^1]);
        AssertSent(1);
    }

    [Fact]
    public Task Logging_LogsFunctionCalls_NonStreaming()
    {
        return LogsFunctionAsync(
            static (client, options) => client.GetResponseAsync("Which code does get_code give?", options, Cancel)
        );
    }

    [Fact]
    public Task Logging_LogsFunctionCalls_Streaming()
    {
        return LogsFunctionAsync(
            static (client, options) =>
                client
                    .GetStreamingResponseAsync("Which code does get_code give?", options, Cancel)
                    .ToChatResponseAsync(Cancel)
        );
    }

    [Fact]
    public async Task OpenTelemetry_CanEmitTracesAndMetrics()
    {
        var source = $"contract-{Guid.NewGuid():N}";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = other => other.Name == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var measured = new ConcurrentQueue<string>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, meter) =>
            {
                if (instrument.Meter.Name == source)
                {
                    meter.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => measured.Enqueue(instrument.Name));
        meters.SetMeasurementEventCallback<int>((instrument, _, _, _) => measured.Enqueue(instrument.Name));
        meters.Start();
        using var client = Client.AsBuilder().UseOpenTelemetry(sourceName: source).Build();

        var response = await client
            .GetStreamingResponseAsync("Repeat exactly: narwhal", cancellationToken: Cancel)
            .ToChatResponseAsync(Cancel);

        var span = Assert.Single(spans);
        var metadata = client.GetService<ChatClientMetadata>();
        Assert.Equal($"chat {metadata?.DefaultModelId}", span.DisplayName);
        Assert.Equal(metadata?.DefaultModelId, span.GetTagItem("gen_ai.request.model"));
        Assert.Equal(metadata?.ProviderUri?.Host, span.GetTagItem("server.address"));
        Assert.NotNull(span.GetTagItem("gen_ai.provider.name"));
        Assert.Equal(TellsUsage, response.Usage?.OutputTokenCount > 0);
        Assert.Equal((int?)response.Usage?.OutputTokenCount, span.GetTagItem("gen_ai.usage.output_tokens"));
        // Prompts are not told unless they are asked for.
        Assert.All(
            span.TagObjects,
            static tag => Assert.DoesNotContain("narwhal", $"{tag.Value}", StringComparison.Ordinal)
        );
        Assert.Contains("gen_ai.client.operation.duration", measured);
        Assert.Equal(TellsUsage, measured.Contains("gen_ai.client.token.usage"));
        AssertSent(1);
    }

    private async Task LogsFunctionAsync(Func<IChatClient, ChatOptions, Task<ChatResponse>> ask)
    {
        using var logs = new RecordingLogger();
        using var client = Client.AsBuilder().UseFunctionInvocation(logs).Build();
        var code = AIFunctionFactory.Create(static () => 7431, "get_code", "Gives the code of the door.");

        var response = await ask(client, new ChatOptions { Tools = [code] });

        AssertHas("7431", response.Text);
        Assert.Contains(Texts(logs), static text => text.Contains("Invoking get_code", StringComparison.Ordinal));
        Assert.Contains(
            Texts(logs),
            static text => text.Contains("get_code invocation completed", StringComparison.Ordinal)
        );
        AssertSent(2);
    }

    private static List<string> Texts(RecordingLogger logs)
    {
        return [.. logs.Entries.Select(static entry => entry.Text)];
    }
}
