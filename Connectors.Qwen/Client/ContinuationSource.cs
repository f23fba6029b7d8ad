using Connectors.Qwen.Continuation;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Client;

/// <summary>What the raw client knows of going on with answers: the vendor's documented families on its own hosts, else the endpoint's catalogue.</summary>
internal sealed class ContinuationSource(
    IChatClient client,
    QwenClientOptions options,
    RequestRouter router,
    ModelCatalogue catalogue
) : IContinuesAnswers
{
    public RequestTraits Inspect(ChatOptions? request)
    {
        return ContinuationMapper.ToTraits(RequestMapper.Parameters(request, options.ModelId, client));
    }

    public async ValueTask<bool?> ContinuesAsync(string model, CancellationToken cancellationToken)
    {
        if (options.Endpoint is { } own && IsDocumented(own, model))
        {
            return true;
        }

        var facts = await router.PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (IsDocumented(facts.Endpoint, model))
        {
            return true;
        }

        var features = await catalogue.FindAsync(facts, model, cancellationToken).ConfigureAwait(false);
        return features?.ContinuesPrefix;
    }

    // Elsewhere a model of the same name may be served by somebody who does not know partial mode.
    private static bool IsDocumented(Uri endpoint, string model)
    {
        return EndpointCatalogue.Find(endpoint).Product != EndpointProduct.Unknown
            && ContinuationFamilies.Contains(model);
    }
}
