namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>What is allocated where nothing should be.</summary>
internal static class Allocated
{
    private const int Times = 10_000;

    /// <summary>
    /// Asks for a credential many times, each of which has to be answered at once. The least of five rounds counts: a garbage collection within one
    /// throws the rest of the thread's buffer away and counts it.
    /// </summary>
    public static long ByAsking(Func<ValueTask<QwenCredential>> ask, QwenCredential expected)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var isSame = true;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Times; i++)
            {
                var pending = ask();
                isSame &= pending.IsCompletedSuccessfully && ReferenceEquals(pending.Result, expected);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(isSame);
        }

        return least;
    }
}
