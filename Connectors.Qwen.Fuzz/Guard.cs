namespace Connectors.Qwen.Fuzz;

/// <summary>Runs one input and holds it to what every input must keep.</summary>
internal static class Guard
{
    /// <summary>What the last input allocated, in bytes.</summary>
    public static long LastAllocated { get; private set; }

    /// <summary>Runs one input. All work is done on this thread, so what the thread allocates is the input's.</summary>
    /// <exception cref="BrokenPromiseException">The input breaks a promise, or allocates out of proportion.</exception>
    public static void Run(Target target, byte[] input)
    {
        if (input.Length > target.MaxInput)
        {
            return;
        }

        var bound = target.Allowance + (target.PerByte * input.Length);
        // Whoever comes first also pays for what is made once.
        LastAllocated = Allocated(target, input);
        LastAllocated = LastAllocated > bound ? Allocated(target, input) : LastAllocated;
        Check(LastAllocated <= bound, $"{LastAllocated} bytes allocated, at most {bound} expected");
    }

    /// <summary>Something that must hold for any input.</summary>
    public static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(otherwise);
        }
    }

    private static long Allocated(Target target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        target.Run(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

/// <summary>An input broke a promise of the library.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
