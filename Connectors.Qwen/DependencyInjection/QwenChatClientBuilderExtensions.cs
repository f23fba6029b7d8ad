using Connectors.Qwen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.AI;

/// <summary>Puts the stages of the Qwen pipeline around any client.</summary>
/// <remarks>
/// The first verb is the outermost stage. Function invocation comes before (outside) all of them: inside, a retry would run
/// tools twice, so it is refused. Loggers and the clock come from the services of the builder where they are registered.
/// </remarks>
public static class QwenChatClientBuilderExtensions
{
    /// <summary>Adds the three stages in their order: fallback, retry, token refresh.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">How the stages behave; null for the defaults. Endpoint, model and key are not used here.</param>
    /// <param name="credentials">What renews tokens; null for what the inner client answers <c>GetService</c> with.</param>
    /// <returns>The builder.</returns>
    public static ChatClientBuilder UseQwenPipeline(
        this ChatClientBuilder builder,
        QwenOptions? options = null,
        IQwenCredentialProvider? credentials = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(
            (inner, services) =>
                QwenPipeline.Compose(
                    inner,
                    options ?? new QwenOptions(),
                    Loggers(services),
                    Time(services),
                    credentials
                )
        );
    }

    /// <summary>Adds the stage that falls back from streaming to non-streaming.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns>The builder.</returns>
    public static ChatClientBuilder UseQwenStreamingFallback(
        this ChatClientBuilder builder,
        Action<StreamingFallbackOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(
            (inner, services) =>
                new StreamingFallbackChatClient(inner, Configured(configure), Loggers(services), Time(services))
        );
    }

    /// <summary>Adds the stage that waits and retries.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns>The builder.</returns>
    public static ChatClientBuilder UseQwenTimeoutRetry(
        this ChatClientBuilder builder,
        Action<TimeoutRetryOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(
            (inner, services) =>
                new TimeoutRetryChatClient(inner, Configured(configure), Loggers(services), Time(services))
        );
    }

    /// <summary>Adds the stage that renews tokens.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="credentials">What renews them; null for what the inner client answers <c>GetService</c> with.</param>
    /// <param name="classify">Says which exceptions of a foreign client are rejections of the token.</param>
    /// <returns>The builder.</returns>
    public static ChatClientBuilder UseQwenTokenRefresh(
        this ChatClientBuilder builder,
        IQwenCredentialProvider? credentials = null,
        Func<Exception, QwenFailureKind?>? classify = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(
            (inner, services) =>
                new TokenRefreshChatClient(inner, credentials, Loggers(services), Time(services), classify)
        );
    }

    private static TOptions Configured<TOptions>(Action<TOptions>? configure)
        where TOptions : new()
    {
        var options = new TOptions();
        configure?.Invoke(options);
        return options;
    }

    private static ILoggerFactory? Loggers(IServiceProvider services)
    {
        return services.GetService<ILoggerFactory>();
    }

    private static TimeProvider? Time(IServiceProvider services)
    {
        return services.GetService<TimeProvider>();
    }
}
