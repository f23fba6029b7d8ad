using Connectors.Qwen.Fuzz.Targets;

namespace Connectors.Qwen.Fuzz;

/// <summary>Something that reads bytes of the server.</summary>
/// <param name="Name">Its name on the command line; its seeds lie in the folder of that name.</param>
/// <param name="MaxInput">The longest input that is tried, in bytes.</param>
/// <param name="Allowance">What one input may allocate at most, whatever it is, in bytes.</param>
/// <param name="PerByte">What each byte of an input may allocate beyond that, in bytes.</param>
/// <param name="Run">Reads an input; throws when something is wrong.</param>
internal sealed record Target(string Name, int MaxInput, long Allowance, long PerByte, Action<byte[]> Run)
{
    private static readonly Target[] All =
    [
        new("chunk", 2048, 32 << 10, 300, ChunkTarget.Run),
        new("stream", 4096, 128 << 10, 1000, StreamTarget.Run),
        new("error", 2048, 512 << 10, 300, ErrorTarget.Run),
        new("retry-after", 256, 32 << 10, 300, RetryAfterTarget.Run),
    ];

    public static IEnumerable<string> Names => All.Select(static target => target.Name);

    public static Target? Find(string name)
    {
        return Array.Find(All, target => target.Name == name);
    }
}
