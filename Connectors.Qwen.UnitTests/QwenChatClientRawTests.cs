using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests;

public class QwenChatClientRawTests
{
    private const string Chunk =
        """{"id":"r","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}],"new_member":5}""";

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task KeepRawRepresentation_TheJsonThatCame(bool keep, bool streaming)
    {
        var whole = Chunk.Replace("delta", "message", StringComparison.Ordinal);
        var handler = new ScriptedHandler(() => streaming ? Answers.Events(Chunk) : Answers.Json(whole));
        var client = RawClient.Over(handler, options => options.KeepRawRepresentation = keep);

        var raw = streaming
            ? (await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync())[0].RawRepresentation
            : (await client.GetResponseAsync(Inner.Hello)).RawRepresentation;

        Assert.Equal(keep ? 5 : null, (raw as JsonElement?)?.GetProperty("new_member").GetInt32());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task KeepRawRepresentation_StreamAnsweredWhole_TheJsonIsOnOneUpdate(bool isForced)
    {
        var whole = Chunk.Replace("delta", "message", StringComparison.Ordinal);
        var handler = new ScriptedHandler(() => Answers.Json(whole));
        IChatClient client = RawClient.Over(handler, static options => options.KeepRawRepresentation = true);
        if (isForced)
        {
            // The other way to one: the fallback asks for it.
            handler = new ScriptedHandler(static () => Answers.Events(""), () => Answers.Json(whole));
            client = RawClient
                .Over(handler, static options => options.KeepRawRepresentation = true)
                .AsBuilder()
                .UseQwenStreamingFallback()
                .Build();
        }

        var updates = await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal("Hi", updates.ToChatResponse().Text);
        var raw = Assert.Single(updates.Select(static update => update.RawRepresentation).OfType<JsonElement>());
        Assert.Equal(5, raw.GetProperty("new_member").GetInt32());
    }
}
