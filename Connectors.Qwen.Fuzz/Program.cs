using Connectors.Qwen.Fuzz;
using SharpFuzz;

// Under afl-fuzz inputs come one after the other into this one process. Without it the standard input is tried once: what afl-fuzz
// found, with its stack.
if (args is not [var name] || Target.Find(name) is not { } target)
{
    Console.Error.WriteLine($"Name one target: {string.Join(", ", Target.Names)}.");
    return 2;
}

Fuzzer.Run(stream =>
{
    using var memory = new MemoryStream();
    stream.CopyTo(memory);
    Guard.Run(target, memory.ToArray());
});
return 0;
