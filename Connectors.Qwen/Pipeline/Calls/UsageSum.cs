using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What the requests of one call cost together, as far as the server has said.</summary>
internal sealed class UsageSum
{
    /// <summary>The name of the count of requests that reported nothing: they failed or were cut, and may have cost something.</summary>
    public const string Unreported = "qwen.unreported_attempts";

    /// <summary>The name of the input of the last request alone: what a conversation is compacted by.</summary>
    public const string LastInput = "qwen.last_input_tokens";

    private UsageDetails? _sum;
    private int _reports;
    private long? _lastInput;

    /// <summary>Adds what one request reported.</summary>
    public void Add(UsageDetails? usage)
    {
        if (usage is null)
        {
            return;
        }

        _sum ??= new UsageDetails();
        _sum.Add(usage);
        _reports++;
        _lastInput = usage.InputTokenCount;
    }

    /// <summary>The sum over all requests; null when none has reported anything.</summary>
    /// <param name="attempts">How many requests there were.</param>
    public UsageDetails? Of(int attempts)
    {
        if (_sum is null)
        {
            return null;
        }

        var counts = _sum.AdditionalCounts ??= [];
        counts[Unreported] = Math.Max(0, attempts - _reports);
        if (_lastInput is { } input)
        {
            counts[LastInput] = input;
        }

        return _sum;
    }
}
