using Connectors.Qwen.Demos.Chat.Side;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>The real Qwen, with the key of the environment. The key itself never passes through the demo.</summary>
internal sealed class RealService : IQwenService
{
    private readonly QwenOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly PipelineNarrator _narrator;

    /// <exception cref="UsageException">Model, endpoint or key cannot be used.</exception>
    public RealService(string model, Uri? endpoint, ILoggerFactory loggers, PipelineNarrator narrator)
    {
        _options = new QwenOptions { ModelId = model, Endpoint = endpoint };
        _loggers = loggers;
        _narrator = narrator;
        Description = $"{QwenClientOptions.ApiKeyVariable} is set: {model} of the real service answers, at {Host}.";
        try
        {
            // A wrong endpoint should be told now, not in the middle of the tour.
            CreateClient().Dispose();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new UsageException(e.Message, e);
        }
    }

    public static bool HasKey =>
        !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(QwenClientOptions.ApiKeyVariable));

    public string Description { get; }

    public bool SaysWhatIsScripted => false;

    public RequestCount Sent => new(_narrator.Requests, 0);

    private string Host => (_options.Endpoint ?? QwenEndpoints.Beijing).Authority;

    public IChatClient CreateClient()
    {
        return QwenPipeline.CreateChatClient(_options, loggerFactory: _loggers);
    }

    public ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }
}
