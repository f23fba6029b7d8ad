using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Outage;

/// <summary>
/// Ten thousand callers, each asking for a stream once a minute, whatever became of the last answer. They share pipelines as the users of
/// a process do: what a pipeline has learned of the outage is known to its own callers only.
/// </summary>
internal sealed class Simulation
{
    public const int Callers = 10_000;

    private const int Seed = 20;

    public static readonly TimeSpan OutageBegins = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan OutageEnds = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan End = TimeSpan.FromMinutes(25);

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "?")];

    private readonly VirtualTime _time = new();

    private Simulation(TimeoutRetryOptions options, int pipelines)
    {
        var random = new Random(Seed);
        var upstream = new Upstream(_time, random);
        Requests = upstream.Requests;
        var clients = new IChatClient[pipelines];
        for (var i = 0; i < pipelines; i++)
        {
            var retry = new TimeoutRetryChatClient(upstream, options, null, _time, random.NextDouble);
            clients[i] = new StreamingFallbackChatClient(retry, null, null, _time);
        }

        for (var i = 0; i < Callers; i++)
        {
            var pipeline = clients[i % pipelines];
            _time.CreateTimer(_ => Ask(pipeline), null, Between * random.NextDouble(), Between);
        }
    }

    /// <summary>Requests that arrived at the service in each <see cref="Upstream.Window"/>.</summary>
    public IReadOnlyList<int> Requests { get; }

    /// <summary>Calls that ended.</summary>
    public int Calls { get; private set; }

    /// <summary>Calls that ended without an answer.</summary>
    public int Lost { get; private set; }

    /// <summary>When the last call ended without an answer.</summary>
    public TimeSpan LastLoss { get; private set; }

    /// <summary>Plays it all.</summary>
    public static Simulation Run(TimeoutRetryOptions options, int pipelines)
    {
        var simulation = new Simulation(options, pipelines);
        simulation._time.RunUntil(End);
        return simulation;
    }

    private async void Ask(IChatClient pipeline)
    {
        _time.Enter();
        try
        {
            var answer = await pipeline.GetStreamingResponseAsync(Question).ToChatResponseAsync();
            if (answer.Text != "answer")
            {
                throw new InvalidOperationException($"The answer is \"{answer.Text}\".");
            }
        }
        catch (QwenException)
        {
            Lost++;
            LastLoss = _time.Now;
        }

        Calls++;
        _time.Leave();
    }
}
