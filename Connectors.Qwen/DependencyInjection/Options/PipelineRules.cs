using Connectors.Qwen.Errors;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>What the options of chat and of embeddings have in common.</summary>
internal interface IPipelineOptions
{
    QwenOAuthOptions OAuth { get; }

    TimeoutRetryOptions TimeoutRetry { get; }

    /// <summary>All that is wrong with them, except that there may be no credential.</summary>
    OptionFaults Faults();
}

/// <summary>What holds between the parts of a section. The parts have rules of their own.</summary>
internal static class PipelineRules
{
    private static readonly string LoginPath =
        $"{nameof(QwenOptions.OAuth)}:{nameof(QwenOAuthOptions.CredentialsPath)}";

    public static OptionFaults Faults<TOptions>(TOptions options)
        where TOptions : QwenClientOptions, IPipelineOptions
    {
        var faults = EndpointRules.Faults(options);
        if (UsesLogin(options.OAuth))
        {
            faults.Within(nameof(options.OAuth), options.OAuth.Faults());
            if (!string.IsNullOrWhiteSpace(options.ApiKey))
            {
                faults.Add(LoginPath, $"and {nameof(options.ApiKey)} are both set. Leave one of them out.");
            }
        }
        else if (
            !string.IsNullOrWhiteSpace(options.ApiKey)
            && (options.Endpoint ?? QwenEndpoints.Beijing) is { IsAbsoluteUri: true } endpoint
            && EndpointRules.Mismatch(endpoint, options.ApiKey.Trim()) is { } mismatch
        )
        {
            faults.Add(nameof(options.ApiKey), $"does not fit the endpoint. {mismatch}");
        }

        return faults.Within(nameof(options.TimeoutRetry), options.TimeoutRetry?.Faults());
    }

    /// <summary>Whether the options name a login.</summary>
    public static bool UsesLogin(QwenOAuthOptions? login)
    {
        return !string.IsNullOrWhiteSpace(login?.CredentialsPath);
    }
}
