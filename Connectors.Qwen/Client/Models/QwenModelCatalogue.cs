using System.Runtime.ExceptionServices;
using Connectors.Qwen.Client;
using Connectors.Qwen.Transport;

namespace Connectors.Qwen;

/// <summary>
/// The service's own catalogue of models: limits, features and modalities. Ask any chat client of this library for it, also the whole pipeline:
/// <c>client.GetService&lt;QwenModelCatalogue&gt;()</c>. It uses the client's credential, endpoint and connections.
/// </summary>
/// <remarks>
/// <para>Read once (one or two requests) when it is first asked for, by one caller for all who wait, and kept for an hour for each credential (at most 100); a failure is not kept. It is asked
/// once, without retries, and given ten seconds.</para>
/// <para>Only endpoints of the service's own shape (<c>.../compatible-mode/v1</c>) have one. Thread-safe.</para>
/// </remarks>
public sealed class QwenModelCatalogue
{
    /// <summary>Of so many credentials at most; then the oldest goes.</summary>
    internal const int MaxEntries = 100;

    private static readonly TimeSpan Lasting = TimeSpan.FromHours(1);

    private readonly RequestRouter _router;
    private readonly ModelCatalogue _catalogue;
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly Dictionary<(Uri Endpoint, string Secret), Reading> _readings = [];

    internal QwenModelCatalogue(RequestRouter router, ModelCatalogue catalogue, TimeProvider time)
    {
        _router = router;
        _catalogue = catalogue;
        _time = time;
    }

    /// <summary>Looks a model up by its exact id.</summary>
    /// <param name="modelId">The id, for example <c>qwen3-max</c>; compared ordinally.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when the catalogue does not list it, or the endpoint has no catalogue.</returns>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    /// <exception cref="QwenException">The catalogue could not be read; its kind says how.</exception>
    public async Task<QwenModelInfo?> FindAsync(string modelId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        foreach (var model in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (model.Id == modelId)
            {
                return model;
            }
        }

        return null;
    }

    /// <summary>All models, in the service's order.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Empty when the endpoint has no catalogue.</returns>
    /// <exception cref="QwenException">The catalogue could not be read; its kind says how.</exception>
    public async Task<IReadOnlyList<QwenModelInfo>> ListAsync(CancellationToken cancellationToken = default)
    {
        var facts = await _router.PrepareAsync(cancellationToken).ConfigureAwait(false);
        var outcome = await ReadingOf(facts).Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (outcome.Failure is QwenException failure)
        {
            // One object for each who waits.
            throw failure.AsOutcome(failure.Message, failure.Attempts);
        }

        if (outcome.Failure is not null)
        {
            ExceptionDispatchInfo.Throw(outcome.Failure);
        }

        return outcome.Models;
    }

    // By credential: accounts see different models, and one client may serve many.
    private Reading ReadingOf(RequestFacts facts)
    {
        var whose = (facts.Endpoint, facts.Secret);
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (!_readings.TryGetValue(whose, out var known) || known.Since + Lasting <= now)
            {
                if (known is null && _readings.Count >= MaxEntries)
                {
                    _readings.Remove(_readings.MinBy(static reading => reading.Value.Since).Key);
                }

                _readings[whose] = known = new(now);
                var reading = known;
                // Of nobody's own: whoever began it may leave.
                reading.Outcome = Task.Run(() => ReadAsync(facts, reading), CancellationToken.None);
            }

            return known;
        }
    }

    private async Task<Outcome> ReadAsync(RequestFacts facts, Reading reading)
    {
        try
        {
            var entries = await _catalogue.ListAsync(facts, CancellationToken.None).ConfigureAwait(false);
            return new([.. entries.Select(static entry => new QwenModelInfo(entry))], null);
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                // The next caller tries again.
                var whose = (facts.Endpoint, facts.Secret);
                if (_readings.GetValueOrDefault(whose) == reading)
                {
                    _readings.Remove(whose);
                }
            }

            return new([], e);
        }
    }

    private sealed class Reading(DateTimeOffset since)
    {
        public DateTimeOffset Since { get; } = since;

        public Task<Outcome> Outcome { get; set; } = null!;
    }

    private sealed record Outcome(IReadOnlyList<QwenModelInfo> Models, Exception? Failure);
}
