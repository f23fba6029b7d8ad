using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Transport;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Fuzz.Targets;

/// <summary>
/// The data of one event through the reader of chunks: as a delta, as the first chunk and as an event named error. It is refused with a
/// <see cref="JsonException"/> or means the same whichever way it was read, and whatever was read can be mapped.
/// </summary>
internal static class ChunkTarget
{
    public static void Run(byte[] input)
    {
        var quick = Read("message", input, whole: false);
        // An exception costs more than all the reading: of the inputs refused already, every fourth is tried the other way too.
        var whole = quick is null && input.Length % 4 != 0 ? null : Read("message", input, whole: true);
        // What is no JSON is none under any name.
        var error = whole is null ? null : Read("error", input, whole: false);
        Guard.Check(quick is not null || whole is null, "refused as a delta, accepted as a first chunk");
        Guard.Check(quick?.IsDone == whole?.IsDone || whole is null, "the end one way only");
        if (error is { IsDone: false })
        {
            Guard.Check(error.Value.Error is not null || IsBlank(input), "an event named error is none");
        }

        // The quick way skips members it does not need, so it may accept what the other refuses; never the other way round.
        if (quick is { } delta && whole is { } first)
        {
            var (a, b) = (Meaning(delta), Meaning(first));
            Guard.Check(a == b, $"read quickly '{a}', read whole '{b}'");
        }
    }

    private static StreamChunk? Read(string eventType, byte[] input, bool whole)
    {
        try
        {
            return ChunkReader.Read(eventType, input, whole);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Meaning(in StreamChunk chunk)
    {
        if ((chunk.Error ?? WireError.From(chunk.Rare)) is { } error)
        {
            var failure = ServerFailure.Create(error, null, Call.Facts());
            Call.CheckFailure(failure);
            return failure.Message;
        }

        var mapper = new UpdateMapper();
        var reader = new Outcome();
        reader.Add(mapper.Map(chunk));
        reader.Add(mapper.Finish());
        reader.Add(mapper.Facts());
        // Usage and ids are what the quick way may leave out.
        return reader.ToString();
    }

    private static bool IsBlank(byte[] input)
    {
        return input.AsSpan().Trim(" \t\r\n"u8).IsEmpty;
    }
}
