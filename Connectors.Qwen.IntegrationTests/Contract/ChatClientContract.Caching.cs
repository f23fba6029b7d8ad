using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.IntegrationTests.Contract;

public abstract partial class ChatClientContract
{
    private const string RandomNumber = "Give a random number between 1 and 100000, and nothing else.";

    [Fact]
    public async Task Caching_BeforeFunctionInvocation_AvoidsExtraCalls()
    {
        var runs = 0;
        var counting = new CountingClient(Client);
        using var client = counting.AsBuilder().UseDistributedCache(Cache()).UseFunctionInvocation().Build();

        var (first, second) = await TwiceAsync(client, () => $"{7000 + Math.Min(++runs, 1)}");

        // The cache outermost: neither model nor function is asked again.
        Assert.Equal(first, second);
        Assert.Equal((1, 2), (runs, counting.Calls));
        AssertSent(2);
    }

    [Fact]
    public async Task Caching_AfterFunctionInvocation_FunctionOutputUnchangedAsync()
    {
        var runs = 0;
        var counting = new CountingClient(Client);
        using var client = counting.AsBuilder().UseFunctionInvocation().UseDistributedCache(Cache()).Build();

        var (first, second) = await TwiceAsync(
            client,
            () =>
            {
                runs++;
                return "7001";
            }
        );

        // The function runs again and says the same, so that the model need not be asked.
        Assert.Equal(first, second);
        Assert.Equal((2, 2), (runs, counting.Calls));
        AssertSent(2);
    }

    [Fact]
    public async Task Caching_AfterFunctionInvocation_FunctionOutputChangedAsync()
    {
        var runs = 0;
        var counting = new CountingClient(Client);
        using var client = counting.AsBuilder().UseFunctionInvocation().UseDistributedCache(Cache()).Build();

        var (first, second) = await TwiceAsync(client, () => $"{7000 + ++runs}");

        AssertHas("7001", first);
        AssertHas("7002", second);
        Assert.Equal((2, 3), (runs, counting.Calls));
        AssertSent(3);
    }

    [Fact]
    public async Task Caching_SamePromptResultsInCacheHit_NonStreaming()
    {
        using var client = Client.AsBuilder().UseDistributedCache(Cache()).Build();

        var first = await client.GetResponseAsync(RandomNumber, cancellationToken: Cancel);
        var second = await client.GetResponseAsync(RandomNumber, cancellationToken: Cancel);

        Assert.Equal(first.Text, second.Text);
        AssertSent(1);
    }

    [Fact]
    public async Task Caching_SamePromptResultsInCacheHit_Streaming()
    {
        using var client = Client.AsBuilder().UseDistributedCache(Cache()).Build();

        var first = await client
            .GetStreamingResponseAsync(RandomNumber, cancellationToken: Cancel)
            .ToChatResponseAsync(Cancel);
        var second = await client
            .GetStreamingResponseAsync(RandomNumber, cancellationToken: Cancel)
            .ToChatResponseAsync(Cancel);

        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.FinishReason, second.FinishReason);
        Assert.Equal(first.Usage?.TotalTokenCount, second.Usage?.TotalTokenCount);
        AssertSent(1);
    }

    [Fact]
    public async Task Caching_OutputVariesWithoutCaching()
    {
        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(
                (await Client.GetResponseAsync(RandomNumber, new ChatOptions { Temperature = 1.5f }, Cancel)).Text
            );
        }

        Assert.True(answers.Count > 1, "Nobody caches, and yet the answers are the same.");
        AssertSent(4);
    }

    private static async Task<(string First, string Second)> TwiceAsync(IChatClient client, Func<string> code)
    {
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create(code, "get_code", "Gives the code of the door.")],
        };
        const string Question = "Which code does get_code give now?";
        var first = await client.GetResponseAsync(Question, options, Cancel);
        AssertHas("7001", first.Text);
        return (first.Text, (await client.GetResponseAsync(Question, options, Cancel)).Text);
    }

    private static MemoryDistributedCache Cache()
    {
        return new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
    }

    /// <summary>Counts the calls that get so far. It is not the owner of what it counts for.</summary>
    private sealed class CountingClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public int Calls { get; private set; }

        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            Calls++;
            return base.GetResponseAsync(messages, options, cancellationToken);
        }
    }
}
