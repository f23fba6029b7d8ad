using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>What <c>UseOpenTelemetry</c> says around the pipeline (docs/features.md, 125, 126, 127, 130).</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly string _source = $"telemetry-{Guid.NewGuid()}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = new();
    private readonly ActivityListener _listener;
    private readonly MeterListener _meters = new();

    public TelemetryTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == _source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == _source)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _meters.Start();
    }

    [Theory, InlineData(true, null), InlineData(false, null), InlineData(true, "keyed"), InlineData(false, "keyed")]
    public async Task Row125_Row126_Chat_SpanAndTokensHaveTheFactsOfTheService(bool streaming, string? key)
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.AddQwenChatClient(host.Section, key).UseOpenTelemetry(sourceName: _source);
        var client = host.Provider.GetRequiredKeyedService<IChatClient>(key);

        var answer = await Ask.Async(client, streaming);

        var endpoint = host.Setup.Qwen.Endpoint;
        var span = Assert.Single(_spans);
        Assert.Equal("chat qwen3-max", span.DisplayName);
        Assert.Equal("chat", span.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("qwen", span.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("qwen3-max", span.GetTagItem("gen_ai.request.model"));
        Assert.Equal(
            (endpoint.Host, endpoint.Port),
            (span.GetTagItem("server.address"), span.GetTagItem("server.port"))
        );
        Assert.Equal(answer.ResponseId, span.GetTagItem("gen_ai.response.id"));
        Assert.Equal(answer.ModelId, span.GetTagItem("gen_ai.response.model"));
        Assert.Equal("""["stop"]""", span.GetTagItem("gen_ai.response.finish_reasons"));
        Assert.Equal(
            answer.Usage!.InputTokenCount,
            Convert.ToInt64(span.GetTagItem("gen_ai.usage.input_tokens"), null)
        );
        Assert.Equal(
            answer.Usage.OutputTokenCount,
            Convert.ToInt64(span.GetTagItem("gen_ai.usage.output_tokens"), null)
        );

        var tokens = _measured.Where(static measured => measured.Name == "gen_ai.client.token.usage").ToList();
        Assert.Equal(
            [answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount],
            new[] { "input", "output" }.Select(type =>
                (long?)tokens.Single(token => (string?)token.Tags["gen_ai.token.type"] == type).Value
            )
        );
        Assert.All(tokens, static token => Assert.Equal("qwen", token.Tags["gen_ai.provider.name"]));
        Assert.Contains(_measured, static measured => measured.Name == "gen_ai.client.operation.duration");
        Assert.Equal(
            streaming,
            _measured.Any(static measured => measured.Name.Contains("time_to_first_chunk", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Row125_ModelOfTheCall_IsTheRequestedOne()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.AddQwenChatClient(host.Section).UseOpenTelemetry(sourceName: _source);

        await Ask.Async(host.Client, streaming: false, new ChatOptions { ModelId = "qwen-plus" });

        Assert.Equal("qwen-plus", Assert.Single(_spans).GetTagItem("gen_ai.request.model"));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Row130_PromptAndAnswer_AreNotTold(bool streaming)
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.AddQwenChatClient(host.Section).UseOpenTelemetry(sourceName: _source);

        await Ask.Async(host.Client, streaming);

        var told = string.Join('\n', Assert.Single(_spans).TagObjects.Select(static tag => $"{tag.Key}={tag.Value}"));
        Assert.Contains("gen_ai.provider.name=qwen", told, StringComparison.Ordinal);
        Assert.DoesNotContain("pipeline carries", told, StringComparison.Ordinal);
        Assert.DoesNotContain("What does the pipeline", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-", told, StringComparison.Ordinal);
    }

    [Theory, InlineData(null), InlineData("keyed")]
    public async Task Row125_Row126_Embeddings_SpanAndTokensHaveTheFactsOfTheService(string? key)
    {
        await using var host = await HostedQwen.StartAsync();
        host.Configuration["Qwen:ModelId"] = "text-embedding-v4";
        host.Services.AddQwenEmbeddingGenerator(host.Section, key).UseOpenTelemetry(sourceName: _source);
        var generator = host.Provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key);

        var result = await generator.GenerateAsync(["a text"], null, TestContext.Current.CancellationToken);

        var endpoint = host.Setup.Qwen.Endpoint;
        var span = Assert.Single(_spans);
        Assert.Equal("embeddings text-embedding-v4", span.DisplayName);
        Assert.Equal("qwen", span.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("text-embedding-v4", span.GetTagItem("gen_ai.request.model"));
        Assert.Equal(
            (endpoint.Host, endpoint.Port),
            (span.GetTagItem("server.address"), span.GetTagItem("server.port"))
        );
        Assert.Equal(
            result.Usage!.InputTokenCount,
            Convert.ToInt64(span.GetTagItem("gen_ai.usage.input_tokens"), null)
        );
        Assert.Contains(_measured, static measured => measured.Name == "gen_ai.client.token.usage");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _measured.Enqueue((instrument.Name, value, new(tags.ToArray())));
    }
}
