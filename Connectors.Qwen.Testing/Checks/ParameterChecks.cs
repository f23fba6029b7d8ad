using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Checks;

/// <summary>The checks of the numbers and of <c>stop</c>.</summary>
internal static class ParameterChecks
{
    // The first is the parameter, the second what is allowed, the third what the service says otherwise.
    private static readonly (string Name, Func<double, bool> IsAllowed, string Message)[] Ranges =
    [
        ("temperature", value => value is >= 0 and < 2, "Temperature should be in [0.0, 2.0)"),
        ("top_p", value => value is > 0 and <= 1, "Range of top_p should be (0.0, 1.0]"),
        ("presence_penalty", value => value is >= -2 and <= 2, "Presence_penalty should be in [-2.0, 2.0]"),
        ("repetition_penalty", value => value > 0, "Repetition_penalty should be greater than 0.0"),
        ("top_k", value => value >= 0, "Parameter top_k be greater than or equal to 0"),
        ("n", value => value is >= 1 and <= 4, "Range of n should be [1, 4]"),
        ("seed", value => value is >= 0 and <= int.MaxValue, "Range of seed should be [0, 2147483647]"),
        ("max_tokens", value => value is >= 1 and <= 65536, "Range of max_tokens should be [1, 65536]"),
        (
            "thinking_budget",
            value => value is > 0 and <= 81920,
            "The thinking_budget parameter must be a positive integer and not greater than 81920"
        ),
    ];

    public static Refusal? Find(JsonElement body)
    {
        foreach (var (name, isAllowed, message) in Ranges)
        {
            if (body.Member(name).IsPresent() && (body.Number(name) is not { } value || !isAllowed(value)))
            {
                return Refusal.InvalidParameter("<400> InternalError.Algo.InvalidParameter: " + message);
            }
        }

        return Stop(body.Member("stop"));
    }

    private static Refusal? Stop(JsonElement stop)
    {
        var isAllowed = stop.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.String => true,
            JsonValueKind.Array => stop.Items().Select(item => item.ValueKind).Distinct().Count() <= 1
                && stop.Items()
                    .All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Array),
            _ => false,
        };
        return isAllowed
            ? null
            : Refusal.InvalidParameter(
                "<400> InternalError.Algo.InvalidParameter: stop must be a string or a list of which all elements are of one type"
            );
    }
}
