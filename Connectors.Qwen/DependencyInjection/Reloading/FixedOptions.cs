namespace Connectors.Qwen.DependencyInjection;

/// <summary>What cannot change while a client lives: where it is, and who it is. Circuits, telemetry and tokens belong to that.</summary>
internal static class FixedOptions
{
    /// <summary>What has changed that cannot; null when the new options can be used.</summary>
    public static string? Change<TOptions>(TOptions before, TOptions now)
        where TOptions : QwenClientOptions, IPipelineOptions
    {
        // A key for another endpoint must not be sent to this one: then nothing of the change is used.
        var what =
            before.Endpoint != now.Endpoint ? nameof(before.Endpoint)
            : string.IsNullOrWhiteSpace(before.ApiKey) != string.IsNullOrWhiteSpace(now.ApiKey)
                ? $"{nameof(before.ApiKey)} (from none, or to none)"
            : !Equals(Login(before.OAuth), Login(now.OAuth)) ? nameof(before.OAuth)
            : null;
        return what is null
            ? null
            : $"{what} cannot change while the client lives. Start the host again, or take the change back.";
    }

    private static object? Login(QwenOAuthOptions login)
    {
        return PipelineRules.UsesLogin(login)
            ? (
                login.CredentialsPath,
                login.TokenEndpoint,
                login.DeviceCodeEndpoint,
                login.ClientId,
                login.Scope,
                login.RefreshBuffer,
                login.RefreshAhead,
                login.RefreshTimeout
            )
            : null;
    }
}
