using System.Diagnostics;

namespace Connectors.Qwen.Diagnostics;

/// <summary>
/// The spans of the library: one for a call, inside it one for each request. The source is named <c>Connectors.Qwen</c>; nothing is
/// allocated while nobody listens. Parents are named: inside iterators the current activity is lost.
/// </summary>
internal static class QwenTracing
{
    /// <summary>The form of calls that are not chat.</summary>
    public const string Embeddings = "embeddings";

    private static readonly ActivitySource Source = new(QwenProduct.Name, QwenProduct.Version);

    /// <summary>The span of a whole call; null while nobody listens.</summary>
    public static Activity? StartCall(Activity? parent, string form, string model)
    {
        return Source.HasListeners() ? Start("qwen.call", parent, form, model) : null;
    }

    /// <summary>The span of one request of a call; null while nobody listens.</summary>
    /// <param name="call">The span of the call.</param>
    /// <param name="form">Streaming or not.</param>
    /// <param name="model">The model.</param>
    /// <param name="number">Which request of the call it is.</param>
    /// <param name="continuations">How many requests have gone on with the answer, this one included.</param>
    public static Activity? StartAttempt(Activity? call, string form, string model, int number, int continuations)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var span = Start("qwen.attempt", call, form, model)?.SetTag("qwen.attempt", number);
        return continuations > 0 ? span?.SetTag("qwen.continuation", continuations) : span;
    }

    /// <summary>Says how a span ended badly.</summary>
    public static void Failed(this Activity? span, Exception exception)
    {
        if (span is null)
        {
            return;
        }

        var failure = exception as QwenException;
        // Not the message: it may hold what a server said about a prompt.
        span.SetTag("error.type", failure?.Kind.ToString() ?? exception.GetType().FullName);
        span.SetStatus(ActivityStatusCode.Error);
        if (failure?.RequestId is { } requestId)
        {
            span.SetTag(QwenResponseProperties.RequestId, requestId);
        }
    }

    /// <summary>Says how a call went as a whole.</summary>
    public static void Tell(
        this Activity? call,
        int attempts,
        string? recoveredBy,
        string? failures,
        int continuations,
        long resentTokens
    )
    {
        if (call is null)
        {
            return;
        }

        call.SetTag(QwenResponseProperties.Attempts, attempts);
        call.SetTag(QwenResponseProperties.RecoveredBy, recoveredBy);
        call.SetTag(QwenResponseProperties.Failures, failures);
        if (continuations > 0)
        {
            call.SetTag(QwenResponseProperties.Continuations, continuations);
            call.SetTag(QwenResponseProperties.ResentTokens, resentTokens);
        }
    }

    private static Activity? Start(string name, Activity? parent, string form, string model)
    {
        var span = Source.CreateActivity(name, ActivityKind.Internal, parent?.Context ?? default);
        span?.SetTag("gen_ai.operation.name", form == Embeddings ? Embeddings : "chat");
        span?.SetTag("gen_ai.request.model", model);
        span?.SetTag("qwen.form", form);
        return span?.Start();
    }
}
