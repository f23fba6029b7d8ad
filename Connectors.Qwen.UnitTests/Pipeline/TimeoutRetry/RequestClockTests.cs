using System.Text.Json;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public class RequestClockTests
{
    [Theory]
    [InlineData(180, 330)]
    [InlineData(300, 330)]
    [InlineData(301, 331)]
    [InlineData(3600, 3630)]
    public void ForWhole_ServerHasSaidItsLimit_IsHalfAMinuteMoreAtLeast(int seconds, int expected)
    {
        var clock = new RequestClock(new TimeoutRetryOptions());

        clock.Learn("m", Answer((long)seconds));

        Assert.Equal(TimeSpan.FromSeconds(expected), clock.ForWhole("m"));
        Assert.Equal(TimeSpan.FromSeconds(330), clock.ForWhole("other"));
    }

    [Fact]
    public void ForWhole_OptionWasSet_IsTheOption()
    {
        var clock = new RequestClock(new TimeoutRetryOptions { RequestTimeout = TimeSpan.FromSeconds(60) });

        clock.Learn("m", Answer(3600L));

        Assert.Equal(TimeSpan.FromSeconds(60), clock.ForWhole("m"));
    }

    [Fact]
    public void Learn_FromACache_ReadsJsonToo()
    {
        var clock = new RequestClock(new TimeoutRetryOptions());

        clock.Learn("m", Answer(JsonDocument.Parse("600").RootElement));
        clock.Learn("n", Answer(JsonDocument.Parse("\"600\"").RootElement));
        clock.Learn("o", new ChatResponse());

        Assert.Equal((630, 330, 330), (Seconds("m"), Seconds("n"), Seconds("o")));

        int Seconds(string model)
        {
            return (int)clock.ForWhole(model).TotalSeconds;
        }
    }

    [Fact]
    public void Learn_ThousandsOfModels_IsBounded()
    {
        var clock = new RequestClock(new TimeoutRetryOptions());

        for (var i = 0; i < 1000; i++)
        {
            clock.Learn($"m{i}", Answer(600L));
        }

        Assert.Equal(200, Enumerable.Range(0, 1000).Count(i => clock.ForWhole($"m{i}").TotalSeconds == 630));
        clock.Learn("m0", Answer(900L));
        Assert.Equal(930, clock.ForWhole("m0").TotalSeconds);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(1024, 60.3)]
    [InlineData(1048576, 367.2)]
    public void ForFirstToken_LongerPrompt_MayTakeLonger(int characters, double expected)
    {
        var clock = new RequestClock(new TimeoutRetryOptions());
        var messages = MessageSnapshot.Of([new ChatMessage(ChatRole.User, new string('x', characters))]);

        Assert.Equal(expected, clock.ForFirstToken(messages).TotalSeconds, 0.001);
    }

    [Fact]
    public void ForFirstToken_SwitchedOff_StaysOff()
    {
        var clock = new RequestClock(new TimeoutRetryOptions { FirstTokenTimeout = Timeout.InfiniteTimeSpan });

        Assert.Equal(
            Timeout.InfiniteTimeSpan,
            clock.ForFirstToken(MessageSnapshot.Of([new ChatMessage(ChatRole.User, "x")]))
        );
    }

    private static ChatResponse Answer(object seconds)
    {
        return new ChatResponse
        {
            AdditionalProperties = new() { [QwenResponseProperties.ServerTimeoutSeconds] = seconds },
        };
    }
}
