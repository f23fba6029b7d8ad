using System.Collections.Concurrent;
using System.Threading.Channels;
using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>One renewal that a <see cref="FakeSource"/> was asked for, to be answered by the test.</summary>
internal sealed class FakeRenewal(Func<QwenCredential, bool> isUsable, bool isAhead)
{
    private readonly TaskCompletionSource<Renewal> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsAhead => isAhead;

    public Task<Renewal> Outcome => _outcome.Task;

    public bool Accepts(QwenCredential candidate)
    {
        return isUsable(candidate);
    }

    public void Brings(QwenCredential credential, bool isAdopted = false)
    {
        _outcome.SetResult(new Renewal(credential, isAdopted));
    }

    public void Fails(Exception why)
    {
        _outcome.SetException(why);
    }
}

/// <summary>A source that does what the test says: from a list, or, where that is empty, when the test says it.</summary>
internal sealed class FakeSource : ICredentialSource
{
    private readonly ConcurrentQueue<object> _script = new();
    private readonly Channel<FakeRenewal> _begun = Channel.CreateUnbounded<FakeRenewal>();
    private int _renewals;
    private int _loads;

    public QwenCredential? Stored { get; set; }

    public bool IsRenewable { get; set; } = true;

    public bool IsSaveDue { get; set; }

    public Exception? LoadFailure { get; set; }

    /// <summary>Runs inside each renewal, on its thread.</summary>
    public Action? Inside { get; set; }

    /// <summary>Runs inside each look into the store.</summary>
    public Action? Loading { get; set; }

    public Func<Task>? Saving { get; set; }

    public int Renewals => Volatile.Read(ref _renewals);

    public int Loads => Volatile.Read(ref _loads);

    public int Saves { get; private set; }

    /// <summary>What the next renewals bring (credentials) or throw (exceptions).</summary>
    public FakeSource Then(params object[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            _script.Enqueue(outcome);
        }

        return this;
    }

    /// <summary>Waits for a renewal that no script answers.</summary>
    public Task<FakeRenewal> BegunAsync()
    {
        return Guard.WaitAsync(_begun.Reader.ReadAsync().AsTask());
    }

    public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        Loading?.Invoke();
        return LoadFailure is null ? new(Stored) : ValueTask.FromException<QwenCredential?>(LoadFailure);
    }

    public bool CanRenew(QwenCredential credential)
    {
        return IsRenewable;
    }

    public Task<Renewal> RenewAsync(
        Func<QwenCredential, bool> isUsable,
        bool isAhead,
        CancellationToken cancellationToken
    )
    {
        Inside?.Invoke();
        Interlocked.Increment(ref _renewals);
        var renewal = new FakeRenewal(isUsable, isAhead);
        if (!_script.TryDequeue(out var outcome))
        {
            _begun.Writer.TryWrite(renewal);
        }
        else if (outcome is Exception failure)
        {
            renewal.Fails(failure);
        }
        else
        {
            renewal.Brings((QwenCredential)outcome);
        }

        return renewal.Outcome;
    }

    public async Task SaveAgainAsync(CancellationToken cancellationToken)
    {
        if (Saving is not null)
        {
            await Saving();
        }

        Saves++;
    }
}
