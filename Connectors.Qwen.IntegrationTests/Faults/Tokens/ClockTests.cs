using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A23: the client's wall clock is set while the server's goes on.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(true, 2), InlineData(false, 2), InlineData(true, 10_000), InlineData(false, 10_000)]
    public async Task A23_ClockJumpsForward_OneRefreshAndNoStorm(bool streaming, int hours)
    {
        var (time, wall, setup, client) = await StartAsync();
        await using var _ = setup;
        await AskAsync(setup, client, streaming);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);

        // The token was minted this moment: renewing it once more would not make it fresher.
        wall.Shift = TimeSpan.FromHours(hours);
        await AskAsync(setup, client, streaming, times: 50);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);

        // Half a minute later it may be renewed, and then it is right by the new clock.
        for (var second = 0; second < 600; second += 10)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await AskAsync(setup, client, streaming, times: 2);
        }

        Assert.Equal(2, setup.Qwen.Tokens.Refreshes);
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(200, chat.Status));
    }

    [Theory]
    [InlineData(true, -2), InlineData(false, -2), InlineData(true, -10_000), InlineData(false, -10_000)]
    public async Task A23_ClockJumpsBack_NoTokenLivesForEver(bool streaming, int hours)
    {
        var (time, wall, setup, client) = await StartAsync();
        await using var _ = setup;
        await AskAsync(setup, client, streaming);

        wall.Shift = TimeSpan.FromHours(hours);
        for (var minute = 0; minute < 180; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await AskAsync(setup, client, streaming);
            // A renewal that another one has overtaken takes the token of that one (111).
            await setup.Logs.WaitForAsync(
                () => setup.Logs.Count(102) <= setup.Logs.Count(103) + setup.Logs.Count(111),
                "the end of each renewal"
            );
        }

        // By its age it is renewed in time: the server never saw an ended one.
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(200, chat.Status));
        Assert.InRange(setup.Qwen.Tokens.Refreshes, 4, 5);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A23_ClockJumpsToAndFro_AtLeastHalfAMinuteBetweenRefreshes(bool streaming)
    {
        var (time, wall, setup, client) = await StartAsync();
        await using var _ = setup;
        await AskAsync(setup, client, streaming);

        for (var second = 0; second < 600; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            wall.Shift = TimeSpan.FromHours(second % 2 == 0 ? 3 : -3);
            await AskAsync(setup, client, streaming);
        }

        Assert.InRange(setup.Qwen.Tokens.Refreshes, 1, 1 + (600 / 30));
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(200, chat.Status));
    }

    private static async Task<(FakeTimeProvider Time, ShiftedWall Wall, Setup Setup, IChatClient Client)> StartAsync()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var wall = new ShiftedWall(time);
        var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var login = Setup.Credential(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        // No limit of a request may fire while the test moves the clock.
        var credentials = setup.Login(login, wall, static options => options.RefreshTimeout = TimeSpan.FromHours(5));
        return (time, wall, setup, setup.Pipeline(credentials: credentials));
    }

    private static async Task AskAsync(Setup setup, IChatClient client, bool streaming, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        }

        Assert.Equal(0, setup.Logs.Count(104));
    }
}
