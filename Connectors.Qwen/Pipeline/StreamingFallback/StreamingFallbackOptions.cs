using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>When a call changes its form: the options of <see cref="StreamingFallbackChatClient"/>.</summary>
/// <remarks>Read when a client is created; later changes have no effect. Not thread-safe.</remarks>
public sealed class StreamingFallbackOptions
{
    /// <summary>Whether a stream that fails before its first word is asked for again without streaming.</summary>
    /// <value>The default is true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether a whole answer that the server cannot give (a model that only streams, an answer that takes longer than the server
    /// waits) is asked for again as a stream and put together here.</summary>
    /// <value>The default is true.</value>
    public bool UpgradeToStreaming { get; set; } = true;

    /// <summary>Whether a stream that breaks off after its first word is gone on with where it broke: what came is sent back as the beginning of the
    /// answer (partial mode, without thinking; billed as input), and the caller sees one answer. Only with models that are known to do so: the
    /// families that the vendor documents, on its own hosts; what the catalogue of the endpoint says; <see cref="ContinuationModels"/>.</summary>
    /// <value>The default is <see cref="QwenContinuation.On"/>.</value>
    public QwenContinuation Continuation { get; set; } = QwenContinuation.On;

    /// <summary>How many streams in a row may bring no new word of an answer that broke off, until its rest is asked for without streaming (where
    /// <see cref="Enabled"/> allows it) and then given up. Those that do bring words are not counted: the requests and the time of the call limit
    /// them. Zero or more.</summary>
    /// <value>The default is 2.</value>
    public int MaxContinuations { get; set; } = 2;

    /// <summary>Further models that are known to go on with an answer: ids, or beginnings of ids that end with <c>*</c>. For gateways and models that no
    /// catalogue names. A model that does not know partial mode would say something else in the middle of its answer: try it first.</summary>
    /// <value>The default is none.</value>
    public IList<string> ContinuationModels { get; private set; } = [];

    /// <summary>How many streams of one model must fail within <see cref="FailureWindow"/>, before their first word while the whole answer came or
    /// after it with nothing to save the answer, until its calls go without streaming at once; they must be a fifth of its streams. Zero or more; zero for never.</summary>
    /// <value>The default is 3.</value>
    public int FailureThreshold { get; set; } = 3;

    /// <summary>The time over which failures of streams are counted. More than zero, at most a day.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the calls of a model then go without streaming, until one of them tries it again. More than zero.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Says what the exceptions of a foreign inner client mean; null from it means "not known".</summary>
    /// <value>The default is null: <see cref="QwenException"/> and the base class library's exceptions are known anyway.</value>
    public Func<Exception, QwenFailureKind?>? Classify { get; set; }

    internal OptionFaults Faults()
    {
        return new OptionFaults()
            .AtLeast(FailureThreshold, 0)
            .MoreThan(FailureWindow, TimeSpan.Zero)
            .Range(BreakDuration, TimeSpan.FromTicks(1), TimeSpan.FromDays(3650))
            .AtLeast(MaxContinuations, 0)
            .Known(Continuation);
    }

    /// <summary>What the memory of streams that failed is made with.</summary>
    internal object FailureSettings => (FailureThreshold, FailureWindow, BreakDuration);

    /// <summary>A checked copy: what the owner of the options does later has no effect.</summary>
    internal StreamingFallbackOptions Freeze()
    {
        Faults().ThrowIfAny();
        var copy = (StreamingFallbackOptions)MemberwiseClone();
        copy.ContinuationModels = [.. ContinuationModels.Where(static name => !string.IsNullOrWhiteSpace(name))];
        return copy;
    }
}
