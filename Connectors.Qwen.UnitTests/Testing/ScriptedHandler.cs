using System.Collections.Concurrent;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Answers requests from a script, in turn, and keeps what was sent. The last answer is repeated.</summary>
internal sealed class ScriptedHandler : HttpMessageHandler
{
    private readonly ConcurrentQueue<Func<CancellationToken, Task<HttpResponseMessage>>> _script = new();
    private readonly ConcurrentQueue<SentRequest> _requests = new();

    public ScriptedHandler(params Func<HttpResponseMessage>[] answers)
    {
        foreach (var answer in answers)
        {
            Then(answer);
        }
    }

    public IReadOnlyList<SentRequest> Requests => [.. _requests];

    public SentRequest Request => Assert.Single(_requests);

    public ScriptedHandler Then(Func<HttpResponseMessage> answer)
    {
        return Then(_ => Task.FromResult(answer()));
    }

    public ScriptedHandler Then(Exception failure)
    {
        return Then(_ => Task.FromException<HttpResponseMessage>(failure));
    }

    public ScriptedHandler Then(Func<CancellationToken, Task<HttpResponseMessage>> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>A client that has no clock of its own, as the library's.</summary>
    public HttpClient CreateClient()
    {
        return new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        _requests.Enqueue(await SentRequest.ReadAsync(request));
        if (!_script.TryPeek(out var answer))
        {
            throw new InvalidOperationException("The script is empty.");
        }

        if (_script.Count > 1)
        {
            _script.TryDequeue(out answer);
        }

        return await answer!(cancellationToken);
    }
}
