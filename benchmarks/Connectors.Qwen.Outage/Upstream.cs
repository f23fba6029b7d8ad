using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Outage;

/// <summary>
/// The service behind all pipelines. Healthy, it says its first word after a second and ends after another. While it is down, half of the
/// requests get a 503 at once and half a gateway's 504 after ten seconds, in both forms, and what it was answering breaks.
/// </summary>
internal sealed class Upstream(VirtualTime time, Random random) : IChatClient
{
    /// <summary>The time over which requests are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Half = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Gateway = TimeSpan.FromSeconds(10);
    private static readonly ChatClientMetadata Metadata = new("upstream", null, "qwen-plus");

    private readonly int[] _requests = new int[(int)(Simulation.End / Window)];

    /// <summary>Requests that arrived in each window, in all forms.</summary>
    public IReadOnlyList<int> Requests => _requests;

    private bool IsDown => time.Now >= Simulation.OutageBegins && time.Now < Simulation.OutageEnds;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        await AdmitAsync(cancellationToken);
        await Task.Delay(Half + Half, time, cancellationToken);
        StayUp();
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, "answer")) { FinishReason = ChatFinishReason.Stop };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await AdmitAsync(cancellationToken);
        await Task.Delay(Half, time, cancellationToken);
        StayUp();
        yield return new ChatResponseUpdate(ChatRole.Assistant, "ans");
        await Task.Delay(Half, time, cancellationToken);
        StayUp();
        yield return new ChatResponseUpdate(ChatRole.Assistant, "wer") { FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        return serviceType == typeof(ChatClientMetadata) ? Metadata : null;
    }

    public void Dispose() { }

    /// <summary>Counts a request, and refuses it while the service is down.</summary>
    private async Task AdmitAsync(CancellationToken cancellationToken)
    {
        _requests[Math.Min((int)(time.Now / Window), _requests.Length - 1)]++;
        if (!IsDown)
        {
            return;
        }

        if (random.Next(2) == 0)
        {
            throw new QwenException(
                QwenFailureKind.ServerError,
                "Service unavailable.",
                null,
                HttpStatusCode.ServiceUnavailable
            );
        }

        await Task.Delay(Gateway, time, cancellationToken);
        throw new QwenException(QwenFailureKind.ServerTimeout, "Gateway timeout.", null, HttpStatusCode.GatewayTimeout);
    }

    private void StayUp()
    {
        if (IsDown)
        {
            throw new QwenException(QwenFailureKind.Connection, "The connection was reset.");
        }
    }
}
