using System.Collections.Concurrent;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>One call of a soak as the server knows it. Everything about it is decided by the seed and its number.</summary>
internal sealed class SoakCall : IDisposable
{
    private readonly ConcurrentQueue<QwenBehavior> _behaviors;
    private readonly CancellationTokenSource _caller = new();
    private int _arrived;

    public SoakCall(SoakQuestion question, SoakFault fault)
    {
        Question = question;
        Fault = fault;
        _behaviors = new ConcurrentQueue<QwenBehavior>(fault.Behaviors);
        Caller = _caller.Token;
    }

    public SoakQuestion Question { get; }

    public SoakFault Fault { get; }

    /// <summary>What the caller cancels with.</summary>
    public CancellationToken Caller { get; }

    /// <param name="seed">The seed of the soak.</param>
    /// <param name="number">The number of the call.</param>
    /// <param name="share">Which part of all calls has a fault.</param>
    public static SoakCall Draw(int seed, int number, double share)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var question = SoakQuestion.Draw(random, number);
        return new SoakCall(question, random.NextDouble() < share ? SoakRows.Draw(question, random) : SoakFault.None);
    }

    /// <summary>A stream that breaks off after its first words.</summary>
    public static SoakCall Broken(int number, string model)
    {
        var answer = new SoakAnswer(number, "", $"Number {number} has more than one chunk to say.", null);
        return new(new SoakQuestion(number, model, true, answer), new SoakFault("T13", QwenBehavior.EndAfter(1)));
    }

    /// <summary>What the server does with the next request of the call; null for what it always does.</summary>
    public QwenBehavior? Arrived(QwenSimulatedRequest request, QwenTokenAuthority tokens)
    {
        if (Interlocked.Increment(ref _arrived) == 1)
        {
            if (Fault.WithdrawsToken)
            {
                tokens.Expire(request.Token!);
            }

            if (Fault.End == SoakEnd.CancelledEarly)
            {
                _caller.Cancel();
            }
        }

        // Whatever the token: a fault whose request was rejected would be another one.
        return _behaviors.TryDequeue(out var behavior) ? behavior.Unchecked() : null;
    }

    public void Cancel()
    {
        _caller.Cancel();
    }

    public void Dispose()
    {
        _caller.Dispose();
    }

    public override string ToString()
    {
        return $"{Question}, {Fault}";
    }
}
