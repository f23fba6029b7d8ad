using Connectors.Qwen.Continuation;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// Which models go on with an answer, and how their servers behave when asked to, at each endpoint: what is known before, and what was learned. Thread-safe,
/// bounded, of one client alone.
/// </summary>
internal sealed class ContinuationMemory(
    IChatClient inner,
    StreamingFallbackOptions options,
    TimeProvider time,
    ILogger logger,
    BoundedMemory<ModelAt, ContinuationMemory.Habits>? habitsOfModels = null
)
{
    /// <summary>So many streams must have been whole, and none not, until an end without a finish reason is believed.</summary>
    public const int EndsThatProve = 3;

    /// <summary>So many answers in a row must have been said again in full before the server is taken for an echo.</summary>
    public const int RepetitionsThatProve = 2;

    // A lesson may be wrong, or the service may change.
    private static readonly TimeSpan Lasting = TimeSpan.FromHours(1);

    // Of who could not be asked nothing is known; but a broken network should not be asked for each call.
    private static readonly TimeSpan Shortly = TimeSpan.FromMinutes(5);

    // Credential and catalogue together; nobody waits longer to be told that nothing is known.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly IContinuesAnswers? _source = inner.GetService<IContinuesAnswers>();
    private readonly BoundedMemory<ModelAt, Habits> _habits = habitsOfModels ?? new();

    /// <summary>What continuing an answer depends on in its request.</summary>
    public RequestTraits Inspect(ChatOptions? request, string model)
    {
        return _source?.Inspect(request) ?? RequestTraits.Of(request, model);
    }

    /// <summary>Whether the model is known to go on with an answer. One of many callers asks the service.</summary>
    /// <param name="model">The model.</param>
    /// <param name="remaining">How long the caller can wait.</param>
    /// <param name="cancellationToken">Ends the wait, not the question.</param>
    public async ValueTask<bool> MayContinueAsync(
        ModelAt model,
        TimeSpan remaining,
        CancellationToken cancellationToken
    )
    {
        // Without room for more, each broken answer asks anew.
        var habits = _habits.TryGetOrAdd(model, static _ => new Habits(), out var known) ? known : new Habits();

        TaskCompletionSource<bool?>? asking = null;
        Task<bool?> said;
        lock (habits)
        {
            var now = time.GetUtcNow();
            if (habits.RefusedUntil > now)
            {
                return false;
            }

            if (IsNamed(model.Name))
            {
                return true;
            }

            if (habits.Said is null || habits.SaidUntil <= now)
            {
                asking = new(TaskCreationOptions.RunContinuationsAsynchronously);
                habits.Said = asking.Task;
                habits.SaidUntil = now + Shortly;
            }

            said = habits.Said;
        }

        if (asking is not null)
        {
            // Outside the lock, and for everybody: whoever asks may be slow, and may leave.
            _ = Task.Run(() => AskAsync(model, habits, asking), CancellationToken.None);
        }

        try
        {
            var wait = remaining < Patience ? remaining : Patience;
            return await said.WaitAsync(wait, time, cancellationToken).ConfigureAwait(false) == true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The server has refused to go on.</summary>
    public void Refused(ModelAt model)
    {
        if (_habits.TryGetOrAdd(model, static _ => new Habits(), out var habits))
        {
            lock (habits)
            {
                habits.RefusedUntil = time.GetUtcNow() + Lasting;
            }

            logger.ContinuationRefused(model.ToString(), Lasting.TotalMinutes);
        }
    }

    /// <summary>Whether streams that end in order without a finish reason have always been whole.</summary>
    public bool TrustsEnd(ModelAt model)
    {
        return _habits.TryGet(model, out var habits)
            && Read(
                habits,
                habits => habits.WholeEnds >= EndsThatProve && habits.ProbedAt + Lasting > time.GetUtcNow()
            );
    }

    /// <summary>A stream had ended in order without a finish reason, and the server was asked whether there is more.</summary>
    public void EndProbed(ModelAt model, bool wasWhole)
    {
        if (_habits.TryGetOrAdd(model, static _ => new Habits(), out var habits))
        {
            lock (habits)
            {
                // Once it was not, it is never believed again.
                habits.WholeEnds = wasWhole ? habits.WholeEnds + 1 : int.MinValue / 2;
                habits.ProbedAt = time.GetUtcNow();
            }
        }
    }

    /// <summary>Whether the server says first what it was sent, and then goes on: a text that repeats itself is cut just there once, not again and again.</summary>
    public bool Echoes(ModelAt model)
    {
        return _habits.TryGet(model, out var habits)
            && Read(
                habits,
                habits => habits.Repetitions >= RepetitionsThatProve && habits.RepeatedAt + Lasting > time.GetUtcNow()
            );
    }

    /// <summary>What a request that was to go on with an answer has brought so far.</summary>
    public void Heard(ModelAt model, Joint? joint)
    {
        if (joint is { IsRepetition: true } && _habits.TryGetOrAdd(model, static _ => new Habits(), out var habits))
        {
            lock (habits)
            {
                habits.Repetitions++;
                habits.RepeatedAt = time.GetUtcNow();
            }
        }
        else if (joint is { IsPlain: true } && _habits.TryGet(model, out habits))
        {
            lock (habits)
            {
                habits.Repetitions = 0;
            }
        }
    }

    private static bool Read(Habits habits, Func<Habits, bool> what)
    {
        lock (habits)
        {
            return what(habits);
        }
    }

    private bool IsNamed(string model)
    {
        foreach (var name in options.ContinuationModels)
        {
            if (
                name.EndsWith('*')
                    ? model.StartsWith(name[..^1], StringComparison.OrdinalIgnoreCase)
                    : model.Equals(name, StringComparison.OrdinalIgnoreCase)
            )
            {
                return true;
            }
        }

        return false;
    }

    private async Task AskAsync(ModelAt model, Habits habits, TaskCompletionSource<bool?> asking)
    {
        bool? said = null;
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            said = _source is null ? null : await _source.ContinuesAsync(model.Name, limit.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever went wrong: it is not known, and the answer that broke off ends in its own error.
        }

        if (said is not null)
        {
            lock (habits)
            {
                habits.SaidUntil = time.GetUtcNow() + Lasting;
            }
        }

        asking.SetResult(said);
    }

    /// <summary>What is known of one model. Written and read under its own lock.</summary>
    internal sealed class Habits
    {
        public DateTimeOffset RefusedUntil { get; set; }

        public Task<bool?>? Said { get; set; }

        public DateTimeOffset SaidUntil { get; set; }

        public int WholeEnds { get; set; }

        public int Repetitions { get; set; }

        public DateTimeOffset RepeatedAt { get; set; }

        public DateTimeOffset ProbedAt { get; set; }
    }
}
