namespace Connectors.Qwen.Testing;

/// <summary>What the simulator received, in the order of arrival. Thread-safe.</summary>
/// <remarks>It grows without limit, bodies included; <see cref="Clear"/> it in long runs.</remarks>
public sealed class QwenJournal
{
    private readonly object _gate = new();
    private readonly List<QwenExchange> _exchanges = [];
    private readonly List<ExchangeWait> _waits = [];
    private int _received;
    private bool _isClosed;

    internal QwenJournal() { }

    /// <summary>Gets a snapshot of every exchange, unknown paths included.</summary>
    public IReadOnlyList<QwenExchange> Exchanges
    {
        get
        {
            lock (_gate)
            {
                return [.. _exchanges];
            }
        }
    }

    /// <summary>Gets a snapshot of the requests to the chat-completions endpoint.</summary>
    public IReadOnlyList<QwenExchange> Chats => OfKind(ExchangeKind.Chat);

    /// <summary>Gets a snapshot of the requests to the embeddings endpoint.</summary>
    public IReadOnlyList<QwenExchange> EmbeddingRequests => OfKind(ExchangeKind.Embeddings);

    /// <summary>Gets a snapshot of the requests to the token endpoint.</summary>
    /// <remarks>Refreshes and the polls of device logins; <see cref="QwenSimulatedRequest.Form"/> tells them apart.</remarks>
    public IReadOnlyList<QwenExchange> TokenRequests => OfKind(ExchangeKind.Token);

    /// <summary>Gets a snapshot of the requests to the device-code endpoint.</summary>
    public IReadOnlyList<QwenExchange> DeviceRequests => OfKind(ExchangeKind.Device);

    /// <summary>Gets a snapshot of the requests to the endpoint of temporary keys.</summary>
    public IReadOnlyList<QwenExchange> TemporaryKeyRequests => OfKind(ExchangeKind.TemporaryKey);

    /// <summary>Gets a snapshot of the requests to the catalogue of models.</summary>
    public IReadOnlyList<QwenExchange> ModelCatalogueRequests => OfKind(ExchangeKind.ModelCatalogue);

    /// <summary>Waits for an exchange, past or future, that satisfies a condition.</summary>
    /// <param name="predicate">
    /// The condition. It is asked for every exchange now, and again whenever one arrives, changes its state or sends a chunk; it
    /// may be called by several threads at once and should be quick.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first exchange that satisfied it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="predicate"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The simulator was disposed before such an exchange came.</exception>
    public async Task<QwenExchange> WaitForAsync(
        Func<QwenExchange, bool> predicate,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(predicate);
        cancellationToken.ThrowIfCancellationRequested();
        var wait = new ExchangeWait(predicate);
        QwenExchange[] known;
        bool isClosed;
        lock (_gate)
        {
            // Registered before the past is looked at, so that no change falls in between.
            _waits.Add(wait);
            known = [.. _exchanges];
            isClosed = _isClosed;
        }

        try
        {
            Array.ForEach(known, wait.Consider);
            if (isClosed)
            {
                wait.GiveUp();
            }

            return await wait.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _waits.Remove(wait);
            }
        }
    }

    /// <summary>Forgets all exchanges. Those still being served go on unseen; the numbering continues.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _exchanges.Clear();
        }
    }

    internal QwenExchange Add(string method, string path, ReceivedRequest received)
    {
        QwenExchange exchange;
        lock (_gate)
        {
            exchange = new QwenExchange(++_received, method, path, received, Changed);
            _exchanges.Add(exchange);
        }

        Changed(exchange);
        return exchange;
    }

    /// <summary>Ends the waits that can no longer be satisfied.</summary>
    internal void Close()
    {
        ExchangeWait[] waits;
        lock (_gate)
        {
            _isClosed = true;
            waits = [.. _waits];
        }

        Array.ForEach(waits, wait => wait.GiveUp());
    }

    private void Changed(QwenExchange exchange)
    {
        ExchangeWait[] waits;
        lock (_gate)
        {
            if (_waits.Count == 0)
            {
                return;
            }

            waits = [.. _waits];
        }

        // The callers' predicates run outside the lock: they may read this very journal.
        Array.ForEach(waits, wait => wait.Consider(exchange));
    }

    private QwenExchange[] OfKind(ExchangeKind kind)
    {
        lock (_gate)
        {
            return [.. _exchanges.Where(exchange => exchange.Kind == kind)];
        }
    }
}
