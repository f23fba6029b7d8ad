using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Credentials;

/// <summary>The API key of the options, else of the environment.</summary>
internal static class ApiKey
{
    /// <summary>What to do without one.</summary>
    public const string WithoutAKey =
        "Without a key, the simulator of Connectors.Qwen.Testing serves for trying things out.";

    /// <exception cref="InvalidOperationException">There is no key.</exception>
    /// <exception cref="ArgumentException">The key cannot belong to the endpoint.</exception>
    public static ApiKeyCredentialProvider Resolve(QwenClientOptions options)
    {
        var key = string.IsNullOrWhiteSpace(options.ApiKey)
            ? Environment.GetEnvironmentVariable(QwenClientOptions.ApiKeyVariable)
            : options.ApiKey;
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new InvalidOperationException(
                $"There is no API key. Set ApiKey, or the environment variable "
                    + $"{QwenClientOptions.ApiKeyVariable}, or hand in an {nameof(IQwenCredentialProvider)}. "
                    + WithoutAKey
            );
        }

        EndpointRules.CheckKey(options.Endpoint, key);
        return new ApiKeyCredentialProvider(key);
    }
}
