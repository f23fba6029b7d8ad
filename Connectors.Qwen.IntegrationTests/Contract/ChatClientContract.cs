using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>
/// What every chat client has to do (<see cref="ContractNames"/>). The questions are such that a real model answers them as the simulated one
/// (<see cref="ContractModel"/>) does. Where the simulator stands behind, what was sent is looked at too.
/// </summary>
public abstract partial class ChatClientContract : IAsyncLifetime
{
    private Setup? _setup;
    private IChatClient? _client;

    private protected virtual string VisionModel => "qwen3-vl-plus";

    private protected virtual bool IsLive => false;

    /// <summary>Whether what is said of tools beside name, description and parameters gets through.</summary>
    private protected virtual bool KeepsDetailsOfTools => true;

    /// <summary>Whether decorators around the client learn what an answer has cost.</summary>
    private protected virtual bool TellsUsage => true;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IChatClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        var model = new ContractModel();
        _setup = await Setup.StartAsync(options => options.Answer = model.Answer);
        _client = Create(_setup);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_setup is not null)
        {
            await _setup.DisposeAsync();
        }
    }

    /// <summary>The client under contract.</summary>
    private protected abstract IChatClient Create(Setup setup);

    private protected virtual UsageDetails? UsageOf(ChatResponse response)
    {
        return response.Usage;
    }

    private protected virtual IEnumerable<AIContent> ContentsOf(ChatResponseUpdate update)
    {
        return update.Contents;
    }

    /// <summary>Looks at what was sent; nobody sees what the real service got.</summary>
    /// <param name="requests">How many requests there are.</param>
    /// <param name="look">Looks at their bodies.</param>
    private void AssertSent(int requests, Action<IReadOnlyList<JsonElement>>? look = null)
    {
        if (!IsLive)
        {
            var sent = _setup!.Qwen.Journal.Chats;
            Assert.Equal(requests, sent.Count);
            Assert.All(sent, static chat => Assert.Equal(200, chat.Status));
            look?.Invoke([.. sent.Select(static chat => chat.Request.Body)]);
        }
    }

    private static string[] Roles(JsonElement body)
    {
        return
        [
            .. body.GetProperty("messages").EnumerateArray().Select(static m => m.GetProperty("role").GetString()!),
        ];
    }

    private static string? ContentOf(JsonElement body, int message)
    {
        return body.GetProperty("messages")[message].GetProperty("content").GetString();
    }

    private static void AssertHas(string expected, string? text)
    {
        Assert.Contains(expected, text, StringComparison.OrdinalIgnoreCase);
    }
}
