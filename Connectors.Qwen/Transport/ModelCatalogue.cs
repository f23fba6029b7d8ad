using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>What the catalogue says of a model.</summary>
/// <param name="ContinuesPrefix">Whether it goes on with an answer that was begun (partial mode).</param>
internal sealed record ModelFeatures(bool ContinuesPrefix);

/// <summary>Reads the native catalogue of an endpoint's host (<c>GET /api/v1/models</c>). Remembers nothing. Thread-safe.</summary>
internal sealed class ModelCatalogue(HttpClient http, TimeProvider? time = null)
{
    /// <summary>How long all pages may take together.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How many pages are asked for at most; the service lists less than two hundred models.</summary>
    public const int MaxPages = 10;

    /// <summary>How much of one page is read, in bytes after decompression.</summary>
    public const int MaxPageBytes = 4 << 20;

    // Where the service has its chat API; the catalogue is beside it.
    private const string ChatPath = "/compatible-mode/v1";

    private const int PageSize = 100;

    /// <summary>
    /// Finds a model by its exact id; null when the catalogue is not there, is none, fails, or does not list the model: it is a favour and
    /// never a failure.
    /// </summary>
    /// <param name="facts">Where, and with which credential.</param>
    /// <param name="model">The id.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ModelFeatures?> FindAsync(RequestFacts facts, string model, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time ?? TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await foreach (var entry in EntriesAsync(facts, either.Token).ConfigureAwait(false))
            {
                if (Is(entry, "model", model))
                {
                    return new ModelFeatures(Lists(entry, "features", "prefix-completion"));
                }
            }

            return null;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            // The caller knows its own token, not the one that is linked to it.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception)
        {
            // Any: a caller's own handler may throw what it likes.
            return null;
        }
    }

    /// <summary>All models, each as the catalogue writes it; empty when the endpoint has no catalogue.</summary>
    /// <param name="facts">Where, and with which credential.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="QwenException">It could not be read, or is no catalogue.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(RequestFacts facts, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time ?? TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var models = new List<JsonElement>();
            await foreach (var entry in EntriesAsync(facts, either.Token).ConfigureAwait(false))
            {
                models.Add(entry);
            }

            return models;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (CatalogueFailure.Of(e, facts, Patience) is { } failure)
        {
            throw failure;
        }
    }

    // Behind a gateway with paths of its own, its root may be somebody else's.
    private static bool MayHaveOne(Uri endpoint)
    {
        return endpoint.AbsolutePath.TrimEnd('/').EndsWith(ChatPath, StringComparison.Ordinal);
    }

    // Page by page, as they are wanted: whoever has found a model asks for no further page.
    private async IAsyncEnumerable<JsonElement> EntriesAsync(
        RequestFacts facts,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!MayHaveOne(facts.Endpoint))
        {
            yield break;
        }

        long seen = 0;
        for (var number = 1; number <= MaxPages; number++)
        {
            if (await ReadAsync(facts, number, cancellationToken).ConfigureAwait(false) is not { } page)
            {
                yield break;
            }

            foreach (var entry in page.Models.EnumerateArray())
            {
                if (entry.ValueKind == JsonValueKind.Object)
                {
                    yield return entry;
                }
            }

            seen += page.Models.GetArrayLength();
            if (IsLast(page, seen))
            {
                yield break;
            }
        }
    }

    // Without a total a page that is not full is the last one. The server may have smaller pages than were asked for.
    private static bool IsLast(ModelPageOutput page, long seen)
    {
        var count = page.Models.GetArrayLength();
        return count == 0 || (page.Total is { } total ? seen >= total : count < PageSize);
    }

    /// <summary>One page; null when there is no catalogue.</summary>
    private async Task<ModelPageOutput?> ReadAsync(RequestFacts facts, int number, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(facts, number, cancellationToken).ConfigureAwait(false);
        facts.Answered(response.Headers);
        if (number == 1 && response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw await ErrorAnswer.ReadAsync(response, facts, cancellationToken).ConfigureAwait(false);
        }

        var page = IsElsewhere(response, facts.Endpoint)
            ? null
            : await ParseAsync(response, cancellationToken).ConfigureAwait(false);
        return page?.Output is { Models.ValueKind: JsonValueKind.Array } output
            ? output
            : throw CatalogueFailure.NoCatalogue(facts);
    }

    private async Task<HttpResponseMessage> SendAsync(
        RequestFacts facts,
        int number,
        CancellationToken cancellationToken
    )
    {
        var root = facts.Endpoint.AbsolutePath.TrimEnd('/')[..^ChatPath.Length];
        var address = new Uri(
            facts.Endpoint,
            string.Create(CultureInfo.InvariantCulture, $"{root}/api/v1/models?page_no={number}&page_size={PageSize}")
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        request.Headers.TryAddWithoutValidation("Authorization", facts.Authorization);
        request.Headers.UserAgent.Add(QwenProduct.UserAgent);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.AcceptEncoding.Add(new("gzip"));
        request.Headers.AcceptEncoding.Add(new("br"));
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
    }

    // A caller's own handler may follow redirects; what another host says counts for nothing.
    private static bool IsElsewhere(HttpResponseMessage response, Uri endpoint)
    {
        return response.RequestMessage?.RequestUri is { } arrived && arrived.Authority != endpoint.Authority;
    }

    private static async Task<ModelPage?> ParseAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var limits = ResponseLimits.None with { MaxResponseBytes = MaxPageBytes };
        var body = await ResponseBody
            .OpenAsync(response, limits, isEventStream: false, cancellationToken)
            .ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            return await JsonSerializer
                .DeserializeAsync(body, ModelPageJsonContext.Default.ModelPage, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static bool Lists(JsonElement entry, string list, string item)
    {
        if (!entry.TryGetProperty(list, out var items) || items.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var one in items.EnumerateArray())
        {
            if (one.ValueKind == JsonValueKind.String && LenientString.Read(one) == item)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(JsonElement entry, string name, string text)
    {
        return entry.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            && LenientString.Read(value) == text;
    }
}
