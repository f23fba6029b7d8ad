using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>Asks in either form and shows the answer in one shape.</summary>
internal static class Ask
{
    public static readonly ChatMessage[] Question = [new(ChatRole.User, "What does the pipeline carry?")];

    public static Task<ChatResponse> Async(IChatClient client, bool streaming, ChatOptions? options = null)
    {
        var token = TestContext.Current.CancellationToken;
        return streaming
            ? client.GetStreamingResponseAsync(Question, options, token).ToChatResponseAsync(token)
            : client.GetResponseAsync(Question, options, token);
    }

    /// <summary>The text that a consumer of the stream has, whether it ended well or not.</summary>
    public static async Task<(string Text, Exception? Failure)> ReadAsync(
        IChatClient client,
        ChatOptions? options = null
    )
    {
        var text = "";
        try
        {
            await foreach (
                var update in client.GetStreamingResponseAsync(Question, options, TestContext.Current.CancellationToken)
            )
            {
                text += update.Text;
            }

            return (text, null);
        }
        catch (Exception e)
        {
            return (text, e);
        }
    }
}
