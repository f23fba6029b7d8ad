using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Connectors.Qwen.Testing.Serving;

/// <summary>Reads a whole request from the connection.</summary>
internal static class RequestReader
{
    private static readonly Dictionary<string, string> NoFields = [];

    public static async Task<ReceivedRequest> ReadAsync(
        HttpRequest request,
        SimulatorState state,
        CancellationToken cancellationToken
    )
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        var kind = SimulatorPaths.KindOf(request.Method, request.Path.Value ?? "");
        var headers = request.Headers.ToDictionary(
            header => header.Key,
            header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase
        );
        var form = kind is ExchangeKind.Token or ExchangeKind.Device ? ReadFields(text) : NoFields;
        var query = ReadFields(request.QueryString.Value);
        return new ReceivedRequest(kind, new QwenSimulatedRequest(text, headers, form, query, state.FindModel));
    }

    private static Dictionary<string, string> ReadFields(string? text) =>
        QueryHelpers
            .ParseQuery(text)
            .ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);
}
