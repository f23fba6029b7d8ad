using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Requests;

/// <summary>Models speak in streams only.</summary>
public sealed class SpokenAnswerTests
{
    [Fact]
    public async Task AskedForWhole_ItIsPutTogetherOfAStream()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Error(400, "invalid_parameter_error", "'audio' output only support with stream=true")
        );
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                """{"id":"r","choices":[{"index":0,"delta":{"role":"assistant","content":null,"audio":{"transcript":"你"}}}]}""",
                """{"id":"r","choices":[{"index":0,"delta":{"audio":{"data":"AQI="}}}]}""",
                """{"id":"r","choices":[{"index":0,"delta":{"audio":{"data":"AwQ=","transcript":"好"}}}]}""",
                """{"id":"r","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}""",
            ])
        );
        var options = new ChatOptions
        {
            ModelId = "qwen3-omni-flash",
            RawRepresentationFactory = static _ => new QwenChatRequest { Modalities = ["text", "audio"] },
        };

        var response = await Ask.Async(setup.Pipeline(), streaming: false, options);

        Assert.Equal("你好", response.Text);
        Assert.Equal(
            [1, 2, 3, 4],
            response.Messages.Single().Contents.OfType<DataContent>().SelectMany(static piece => piece.Data.ToArray())
        );
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }
}
