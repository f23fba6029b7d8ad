using System.Text;
using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Puts tool calls together from their pieces. A call is handed out only at the end of the turn: arguments that happen to
/// parse half-way ("{}" of "{}...") must never be executed.
/// </summary>
/// <remarks>
/// Pieces come in many forms: the index missing or used again for another call, the id only in the first piece, empty later
/// or repeated in each, two calls in one piece, arguments null, in pieces or whole.
/// </remarks>
internal sealed class ToolCallAssembler
{
    private readonly List<Call> _calls = [];

    public bool IsEmpty => _calls.Count == 0;

    public void Add(WireToolCall piece)
    {
        var call = Find(piece) ?? FindOpen(piece);
        if (call is null || BeginsAnother(call, piece))
        {
            call = Start(piece);
        }

        if (string.IsNullOrEmpty(call.Id))
        {
            call.Id = piece.Id;
        }

        // Repeated in each piece, or itself in pieces; never both.
        var name = piece.Function?.Name;
        if (!string.IsNullOrEmpty(name) && name != call.Name && call.Arguments.Length == 0)
        {
            call.Name += name;
        }

        call.Arguments.Append(piece.Function?.Arguments);
    }

    /// <summary>The calls, in the order in which they began.</summary>
    /// <param name="responseId">Makes an id for a call that came without one.</param>
    /// <param name="reason">Why the turn ended: a call is complete only when the model ended it.</param>
    public IEnumerable<FunctionCallContent> Finish(string? responseId, ChatFinishReason? reason)
    {
        var said = new HashSet<(string, string?, string)>();
        for (var i = 0; i < _calls.Count; i++)
        {
            var call = _calls[i];
            var id = string.IsNullOrEmpty(call.Id) ? $"call_{responseId}_{i}" : call.Id;
            var arguments = call.Arguments.ToString();
            if (said.Add((id, call.Name, arguments)))
            {
                yield return ToContent(id, call.Name ?? "", arguments, reason);
            }
        }
    }

    /// <summary>A call whose arguments are not a JSON object keeps the raw text, says so, and is never invoked.</summary>
    public static FunctionCallContent ToContent(string id, string name, string? arguments, ChatFinishReason? reason)
    {
        if (name.Length == 0)
        {
            return Unusable(id, name, arguments, "The model called a function without naming it.");
        }

        if (reason != ChatFinishReason.Stop && reason != ChatFinishReason.ToolCalls)
        {
            return Unusable(
                id,
                name,
                arguments,
                $"The call of '{name}' may be incomplete: the answer ended with '{reason}'."
            );
        }

        // Models write "null" for a function without parameters.
        if (string.IsNullOrWhiteSpace(arguments) || arguments.Trim() == "null")
        {
            return new FunctionCallContent(id, name, new Dictionary<string, object?>());
        }

        try
        {
            return new FunctionCallContent(
                id,
                name,
                JsonSerializer.Deserialize(arguments, QwenJsonContext.Wire.DictionaryStringObject)
            );
        }
        // An ArgumentException: half a surrogate pair, which no JSON can hold.
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return Unusable(id, name, arguments, $"The model's arguments for '{name}' are not a JSON object.", e);
        }
    }

    private static FunctionCallContent Unusable(
        string id,
        string name,
        string? arguments,
        string why,
        Exception? cause = null
    )
    {
        return new FunctionCallContent(id, name)
        {
            Exception = new InvalidOperationException(why, cause),
            RawRepresentation = arguments,
            // Otherwise function invocation would call the function without arguments: it does not look at Exception.
            InformationalOnly = true,
        };
    }

    private Call? Find(WireToolCall piece)
    {
        if (string.IsNullOrEmpty(piece.Id))
        {
            // The newest holder of the index, which may have come without one.
            if (piece.Index is { } index)
            {
                return _calls.FindLast(call => call.Index == index)
                    ?? _calls.FindLast(static call => call.Index is null);
            }

            // With neither, a second name begins a second call.
            return _calls is [.., var last] && (last.Name is null or "" || piece.Function?.Name is null or "")
                ? last
                : null;
        }

        return _calls.FindLast(call =>
                call.Id == piece.Id && (call.Index ?? piece.Index) == (piece.Index ?? call.Index)
            )
            ?? _calls.FindLast(call => string.IsNullOrEmpty(call.Id) && call.Index == piece.Index)
            // Some servers invent a new id for each piece; what begins a call is its name.
            ?? (
                string.IsNullOrEmpty(piece.Function?.Name) && piece.Index is { } held
                    ? _calls.FindLast(call => call.Index == held)
                    : null
            );
    }

    // Servers invent ids, count the index on, or repeat the name with each piece: arguments belong to the call that still lacks them.
    private Call? FindOpen(WireToolCall piece)
    {
        var (id, index, name) = (piece.Id, piece.Index, piece.Function?.Name);
        if (string.IsNullOrEmpty(piece.Function?.Arguments))
        {
            return null;
        }

        var call = string.IsNullOrEmpty(id)
            ? _calls.LastOrDefault(call => string.IsNullOrEmpty(name) || index is null || call.Index == index)
            : _calls.FindLast(call => call.Id == id)
                ?? _calls.FindLast(call => index is not null && call.Index == index);
        return
            call is not null
            && (string.IsNullOrEmpty(name) || name == call.Name)
            && !IsJson(call.Arguments.ToString())
            && !IsWhole(piece, call)
            ? call
            : null;
    }

    // An id and a name of its own, and arguments that lack nothing: the one before was called without any.
    private static bool IsWhole(WireToolCall piece, Call open)
    {
        return open.Arguments.Length == 0
            && !string.IsNullOrEmpty(open.Id)
            && !string.IsNullOrEmpty(piece.Id)
            && piece.Id != open.Id
            && piece.Function is { Name.Length: > 0, Arguments: { } arguments }
            && arguments.TrimStart().StartsWith('{')
            && IsJson(arguments);
    }

    // A second, different name after complete arguments, though the place is the same.
    private static bool BeginsAnother(Call call, WireToolCall piece)
    {
        var name = piece.Function?.Name;
        return !string.IsNullOrEmpty(name)
            && !string.IsNullOrEmpty(call.Name)
            && name != call.Name
            && IsJson(call.Arguments.ToString());
    }

    private static bool IsJson(string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments);
            return true;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return false;
        }
    }

    private Call Start(WireToolCall piece)
    {
        var call = new Call { Index = piece.Index };
        _calls.Add(call);
        return call;
    }

    private sealed class Call
    {
        public long? Index { get; init; }

        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();
    }
}
