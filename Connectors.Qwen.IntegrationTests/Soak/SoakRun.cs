using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>
/// Many calls through one client, in rounds: 64 at a time, a tenth of them with a fault that heals, and once in each round the token is
/// withdrawn from all who are on their way. When a round is over, each call has ended as its row says and the server saw no request more.
/// </summary>
internal sealed class SoakRun : IAsyncDisposable
{
    /// <summary>How many calls a round has.</summary>
    public const int Calls = 200;

    /// <summary>How many are on their way at a time.</summary>
    public const int AtATime = 64;

    private const double FaultyShare = 0.1;

    // Nothing in a round waits for more than milliseconds: what takes longer hangs, and is to be named.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // More than the pause between two renewals of a login, less than what makes a token suspect.
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(45);

    private readonly int _seed;
    private readonly Setup _setup;
    private readonly FakeTimeProvider _loginClock;
    private readonly IChatClient _client;
    private readonly ConcurrencyLimiter _places = new(new() { PermitLimit = AtATime, QueueLimit = AtATime });
    private ConcurrentDictionary<int, SoakCall> _calls = new();
    private int _rounds;

    private SoakRun(int seed, Setup setup, FakeTimeProvider loginClock)
    {
        _seed = seed;
        _setup = setup;
        _loginClock = loginClock;
        setup.Qwen.Script.Always(request => CallOf(request).Arrived(request, setup.Qwen.Tokens));
        var options = setup.Options(options =>
        {
            options.TimeoutRetry.RetryBudget.Capacity = 1_000_000;
            // Some T2 in a row, as chance has it, would have the streams of a model suspended: a row of its own (T37).
            options.StreamingFallback.FailureThreshold = 0;
            // A place that is not given back is noticed here.
            options.TimeoutRetry.Limits.RequestLimiter = _places.AcquireAsync;
        });
        var login = setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue()), loginClock);
        _client = setup.Own(QwenPipeline.CreateChatClient(options, login));
    }

    /// <summary>How many calls of each row there were; of those without a fault, too.</summary>
    public SortedDictionary<string, int> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>How many chat requests the server saw in the rounds.</summary>
    public int Requests { get; private set; }

    /// <summary>Places that were taken and not given back.</summary>
    public long PlacesTaken => AtATime - _places.GetStatistics()!.CurrentAvailablePermits;

    public static async Task<SoakRun> StartAsync(int seed)
    {
        SoakRun? run = null;
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var setup = await Setup.StartAsync(options =>
        {
            options.Answer = request => run!.CallOf(request).Question.Answer.ToSimulated();
            // The clock of the login goes on with each round.
            options.TokenLifetime = TimeSpan.FromDays(365);
        });
        return run = new SoakRun(seed, setup, clock);
    }

    /// <summary>Calls of every model in both forms, so that the client knows them and its circuits know the server.</summary>
    public async Task WarmUpAsync()
    {
        // One cut for each model first: whether it goes on with answers is asked for once.
        var cuts = SoakQuestion
            .Models.Where(static model => model != SoakQuestion.Reasoner)
            .Select(static (model, i) => SoakCall.Broken(-1 - i, model));
        await PlayAsync([.. cuts], isKnown: false);
        await PlayAsync([.. Enumerable.Range(1, Calls).Select(i => SoakCall.Draw(_seed, -100 - i, 0))], isKnown: false);
        Requests = 0;
    }

    /// <summary>The next round.</summary>
    public async Task RoundAsync()
    {
        _loginClock.Advance(BetweenRounds);
        var first = _rounds++ * Calls;
        var calls = Enumerable
            .Range(first, Calls)
            .Select(number => SoakCall.Draw(_seed, number, FaultyShare))
            .ToArray();
        calls[Calls / 2] = new SoakCall(calls[Calls / 2].Question, SoakFault.TokenWithdrawn);
        await PlayAsync(calls, isKnown: true);
        foreach (var call in calls)
        {
            Rows[call.Fault.Row] = Rows.GetValueOrDefault(call.Fault.Row) + 1;
        }

        Assert.Equal((_rounds, 0), (_setup.Qwen.Tokens.Refreshes, _setup.Qwen.Tokens.RefreshTokenReuses));
    }

    public async ValueTask DisposeAsync()
    {
        await _setup.DisposeAsync();
        _places.Dispose();
    }

    private SoakCall CallOf(QwenSimulatedRequest request)
    {
        return _calls[SoakQuestion.NumberIn(request)];
    }

    private async Task PlayAsync(SoakCall[] calls, bool isKnown)
    {
        _calls = new ConcurrentDictionary<int, SoakCall>(calls.ToDictionary(static call => call.Question.Number));
        var seen = new ConcurrentDictionary<SoakCall, SoakSeen>();
        var limit = new ParallelOptions { MaxDegreeOfParallelism = AtATime };
        var all = Parallel.ForEachAsync(
            calls,
            limit,
            async (call, _) => seen[call] = await SoakSeen.OfAsync(_client, call)
        );
        try
        {
            await all.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            // Those that have not ended are named below.
        }

        var isOver = await Eventually.TrueAsync(() =>
            _setup.Qwen.Journal.Exchanges.All(static exchange => exchange.State >= QwenExchangeState.Completed)
        );

        var wire = _setup.Qwen.Journal.Chats.ToLookup(static chat => SoakQuestion.NumberIn(chat.Request));
        var wrong = calls
            .Select(call =>
                (call, What: Wrong(call, seen.GetValueOrDefault(call), [.. wire[call.Question.Number]], isKnown))
            )
            .Where(static found => found.What is not null)
            .Select(found => $"{found.call}: {found.What}")
            .ToArray();
        Assert.True(
            wrong.Length == 0,
            $"Seed {_seed}: {wrong.Length} calls did not end as their rows say.\n{string.Join('\n', wrong.Take(8))}"
        );
        Assert.True(isOver, $"Seed {_seed}: the server still holds a connection that nobody reads.");

        Requests += _setup.Qwen.Journal.Chats.Count;
        _setup.Qwen.Journal.Clear();
        _calls = new();
        Array.ForEach(calls, static call => call.Dispose());
    }

    private static string? Wrong(SoakCall call, SoakSeen? seen, QwenExchange[] wire, bool isKnown)
    {
        var wrong = seen is null
            ? "it has not ended"
            : seen.WrongFor(call) ?? (isKnown ? WrongOnTheWire(call, wire) : null);
        return wrong is null ? null : $"{wrong}; {seen}\n  {string.Join("\n  ", wire.Select(Show))}";
    }

    private static string? WrongOnTheWire(SoakCall call, QwenExchange[] wire)
    {
        var rejected = wire.Count(static exchange => exchange.Status == 401);
        return wire.Length == 0 ? "the server saw nothing of it"
            : wire[0].IsStream != call.Question.IsStreamed ? "it was asked in the other form"
            : rejected > 1 ? "its token was rejected more than once"
            : wire.Length - rejected != call.Fault.Requests ? $"{call.Fault.Requests} requests were expected"
            : null;
    }

    private static string Show(QwenExchange exchange)
    {
        return $"{exchange}{(exchange.IsStream ? ", stream" : "")}{(exchange.Request.Prefix is { } prefix ? $", after {prefix.Length} characters" : "")}";
    }
}
