// The tokens are an evaluation feature of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Worker;

/// <summary>Asks for an answer and stores it as it comes: one line for each update, its text and its token.</summary>
internal static class Asking
{
    public static async Task<int> StoreAsync(Order order)
    {
        var options = new QwenOptions
        {
            ModelId = order.Text("model"),
            ApiKey = order.Text("key"),
            Endpoint = new Uri(order.Text("endpoint")),
        };
        using var client = QwenPipeline.CreateChatClient(options);
        var store = new StreamWriter(order.File) { AutoFlush = true };
        await using var _ = store.ConfigureAwait(false);
        await foreach (
            var update in client.GetStreamingResponseAsync(
                order.Text("question"),
                new ChatOptions { AllowBackgroundResponses = true }
            )
        )
        {
            var token = update.ContinuationToken?.ToBytes().ToArray();
            await store.WriteLineAsync(JsonSerializer.Serialize(new Stored(update.Text, token)));
            Talk.Say($"stored {update.Text.Length}");
        }

        Talk.Say("done");
        return 0;
    }

    /// <summary>What is stored of one update.</summary>
    internal sealed record Stored(string Text, byte[]? Token);
}
