using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>What the demo talks to.</summary>
internal interface IQwenService : IAsyncDisposable
{
    /// <summary>One sentence for the person: whom the answers come from.</summary>
    string Description { get; }

    /// <summary>Whether every word of an answer is known beforehand, so that what arrives can be compared with it.</summary>
    bool SaysWhatIsScripted { get; }

    /// <summary>How many requests were sent since the start.</summary>
    RequestCount Sent { get; }

    /// <summary>A client with the whole pipeline.</summary>
    IChatClient CreateClient();
}
