using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Begins a body and repeats its last part, as fast as it is taken; or says nothing more.</summary>
internal sealed class EndlessBehavior(int status, string contentType, byte[] start, byte[] block) : QwenBehavior
{
    // Many small writes would be slow to fill anything.
    private const int WriteSize = 16 << 10;

    internal override async Task RunAsync(Reply reply)
    {
        await reply.StartAsync(status, contentType).ConfigureAwait(false);
        await reply.SendAsync(start).ConfigureAwait(false);
        if (block.Length == 0)
        {
            await reply.StaySilentAsync().ConfigureAwait(false);
        }

        var much = Enumerable
            .Repeat(block, Math.Max(1, WriteSize / Math.Max(1, block.Length)))
            .SelectMany(static b => b);
        ReadOnlyMemory<byte> bytes = much.ToArray();
        while (true)
        {
            await reply.SendAsync(bytes).ConfigureAwait(false);
        }
    }
}
