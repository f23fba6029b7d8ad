using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>Rows T13 and C20 as far as the stream itself can tell: what an end without a finish reason means.</summary>
public sealed class UnsaidEndTests
{
    private const string Call =
        """[{"index":0,"id":"c1","type":"function","function":{"name":"pay","arguments":"{}"}}]""";

    [Theory]
    [InlineData(true, true), InlineData(false, true), InlineData(true, false), InlineData(false, false)]
    public async Task C20_TextThenUsageOnItsOwn_IsWholeWhereItIsTrustedAndElseAskedForTheRest(bool done, bool trusted)
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Text = "Hello" }
        );
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text("Hello"), Chunk.Usage(4)], done));

        var response = await Ask.Async(setup.Pipeline(options => options.TrustDone = trusted), streaming: true);

        Assert.Equal(("Hello", ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
        Assert.Equal(trusted ? 1 : 2, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task C20_CallThenUsageOnItsOwn_IsAskedAgainAndNeverExecuted()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Calls(Call), Chunk.Usage(4)]));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Empty(response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C20_DoneWithoutAReason_IsWholeOnlyWhereItIsTrusted(bool trusted)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text("Hello")]));
        var options = setup.Options();
        options.TrustDone = trusted;

        var (text, failure) = await Ask.ReadAsync(setup.Own(new QwenChatClient(options)));

        Assert.Equal("Hello", text);
        Assert.Equal(trusted ? null : QwenFailureKind.StreamInterrupted, (failure as QwenException)?.Kind);
        Assert.Equal(trusted, failure is null);
    }

    [Fact]
    public async Task C20_CutsBeforeACall_DoNotMakeEndsBelieved()
    {
        var answer = new QwenSimulatedAnswer { Text = "Some words, and a call." };
        answer.ToolCalls.Add(new QwenSimulatedToolCall { Name = "pay" });
        await using var setup = await Setup.StartAsync(options => options.Answer = _ => answer);
        var client = setup.Pipeline();
        // All the text has come, but not all the answer: what the server adds is the call.
        for (var i = 0; i < 3; i++)
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
            var whole = await Ask.Async(client, streaming: true);
            Assert.Single(whole.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>());
        }

        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(1));
        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(answer.Text, response.Text);
    }
}
