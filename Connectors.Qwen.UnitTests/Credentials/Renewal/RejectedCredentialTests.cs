using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

/// <summary>What becomes of a credential that the server rejects, or that a gateway lets time out.</summary>
public class RejectedCredentialTests
{
    private static readonly QwenException Down = new(QwenFailureKind.ServerError, "down");

    private readonly Cached _cached = new();

    [Fact]
    public async Task A5_ReplaceAsync_CurrentToken_IsRenewed()
    {
        var rejected = await _cached.ServingAsync(_cached.Minted("t1"));
        var renewed = _cached.Minted("t2");
        _cached.Source.Then(renewed);

        Assert.Same(renewed, await _cached.ReplaceAsync(rejected));

        Assert.Same(renewed, await _cached.GetAsync());
        Assert.Contains("(rejected by the server)", _cached.Log.Entries[0].Text);
    }

    [Fact]
    public async Task ReplaceAsync_TokenOfBefore_IsReplacedByTheCurrentOne()
    {
        var current = await _cached.ServingAsync(_cached.Minted("t2"));

        Assert.Same(current, await _cached.ReplaceAsync(_cached.Minted("t1")));
        Assert.Equal(0, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A6_ReplaceAsync_RenewedTokenRejectedToo_OnlyAdoptsFor30Seconds()
    {
        var first = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(_cached.Minted("t2"));
        var second = await _cached.ReplaceAsync(first);

        Assert.Null(await _cached.ReplaceAsync(second!));
        _cached.Pass(29.9);
        Assert.Null(await _cached.ReplaceAsync(second!));
        Assert.Equal(1, _cached.Source.Renewals);

        // What someone else has put there meanwhile is another matter.
        var adopted = _cached.Minted("t3");
        _cached.Source.Stored = adopted;
        Assert.Same(adopted, await _cached.ReplaceAsync(second!));
        Assert.Same(adopted, await _cached.GetAsync());
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A10_ReplaceAsync_TheSameTokenAgainForAHundred_IsOneRenewal()
    {
        var rejected = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Pass(31);
        _cached.Source.Then(_cached.Minted("t1"));

        var others = await Guard.WaitAsync(
            Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _cached.ReplaceAsync(rejected))))
        );

        Assert.All(others, Assert.Null);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A6_ReplaceAsync_RejectedAgainAfter30Seconds_IsRenewed()
    {
        var first = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(_cached.Minted("t2"));
        var second = await _cached.ReplaceAsync(first);
        _cached.Pass(30);
        var third = _cached.Minted("t3");
        _cached.Source.Then(third);

        Assert.Same(third, await _cached.ReplaceAsync(second!));
    }

    [Fact]
    public async Task ReplaceAsync_RejectedToken_IsNeverAdopted()
    {
        var first = await _cached.ServingAsync(_cached.Minted("t1"));
        var second = _cached.Minted("t2");

        var pending = _cached.ReplaceAsync(first);
        var renewal = await _cached.Source.BegunAsync();
        Assert.False(renewal.Accepts(first));
        Assert.True(renewal.Accepts(second));
        renewal.Brings(second, isAdopted: true);
        Assert.Same(second, await pending);

        // An adopted token that is rejected is renewed at once: nothing was renewed here yet.
        var third = _cached.ReplaceAsync(second);
        renewal = await _cached.Source.BegunAsync();
        Assert.False(renewal.Accepts(first));
        Assert.False(renewal.Accepts(second));
        Assert.False(renewal.Accepts(_cached.Left("ends", 20)));
        Assert.True(renewal.Accepts(_cached.Left("ahead", 100)));
        renewal.Brings(_cached.Minted("t3"));
        Assert.Equal("t3", (await third)?.AccessToken);
    }

    [Fact]
    public async Task A5_ReplaceAsync_AnswersToEarlierRequestsStillArrive_TheRejectedTokenIsNeverGivenBack()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        // Nothing can be renewed, so that each look finds the rejected token in its place.
        _cached.Source.IsRenewable = false;
        _cached.Source.Loading = () => _cached.Cache.Accept(token);
        using var stop = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _cached.Cache.Accept(token);
            }
        });

        try
        {
            for (var i = 0; i < 10_000; i++)
            {
                Assert.Null(await _cached.Cache.ReplaceAsync(token, default));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Guard.WaitAsync(others);
        }
    }

    [Fact]
    public async Task ReplaceAsync_SameTokenComesBack_IsNull()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(_cached.Minted("t1"));

        Assert.Null(await _cached.ReplaceAsync(token));
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task ReplaceAsync_RenewalFails_ThrowsAlthoughItHasNotEnded()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(Down);

        var e = await Assert.ThrowsAsync<QwenException>(() => _cached.ReplaceAsync(token));

        Assert.Equal("down", e.Message);
        Assert.Equal(0, _cached.Log.Count(105));
    }

    [Fact]
    public async Task ReplaceAsync_NotRenewable_IsWhatIsStoredSince()
    {
        _cached.Source.IsRenewable = false;
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        Assert.Null(await _cached.ReplaceAsync(token));

        var other = _cached.Minted("t2");
        _cached.Source.Stored = other;

        Assert.Same(other, await _cached.ReplaceAsync(token));
    }

    [Fact]
    public async Task ReplaceAsync_StoreCannotBeRead_IsNull()
    {
        _cached.Source.IsRenewable = false;
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.LoadFailure = new QwenException(QwenFailureKind.CredentialStore, "corrupt");

        Assert.Null(await _cached.ReplaceAsync(token));
    }

    [Fact]
    public async Task ReplaceAsync_RenewalAheadRuns_IsJoined()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(150);
        await _cached.GetAsync();
        var renewal = await _cached.Source.BegunAsync();

        var pending = _cached.ReplaceAsync(token);
        var renewed = _cached.Minted("t2");
        renewal.Brings(renewed);

        Assert.Same(renewed, await pending);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task ReplaceAsync_RenewalAheadFails_DoesNotGiveTheRejectedTokenAgain()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(150);
        await _cached.GetAsync();
        var renewal = await _cached.Source.BegunAsync();

        var pending = _cached.ReplaceAsync(token);
        renewal.Fails(Down);

        await Assert.ThrowsAsync<QwenException>(() => pending);
    }

    [Fact]
    public async Task A7_ReplaceSuspectAsync_NeverAccepted_IsRenewedOnceInTenMinutes()
    {
        await _cached.ServingAsync(_cached.Minted("t1"));
        var first = await _cached.GetAsync();
        _cached.Pass(61);
        var second = _cached.Minted("t2");
        _cached.Source.Then(second);
        Assert.Same(second, await _cached.SuspectAsync(first));
        Assert.Equal(1, _cached.Log.Count(115));

        // Those who were sent with the same suspect share what came of it.
        Assert.Same(second, await _cached.SuspectAsync(first));

        _cached.Pass(530);
        Assert.Null(await _cached.SuspectAsync(second));
        _cached.Pass(70);
        var third = _cached.Minted("t3");
        _cached.Source.Then(third);
        Assert.Same(third, await _cached.SuspectAsync(second));
        Assert.Equal(2, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A7_ReplaceSuspectAsync_WhileItIsRenewed_IsShared()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Pass(61);

        var first = _cached.SuspectAsync(token);
        var renewal = await _cached.Source.BegunAsync();
        var second = _cached.SuspectAsync(token);
        var renewed = _cached.Minted("t2");
        renewal.Brings(renewed);

        Assert.Same(renewed, await first);
        Assert.Same(renewed, await second);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A8_ReplaceSuspectAsync_AcceptedAMomentAgo_IsNot()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Pass(600);
        Assert.Same(token, await _cached.GetAsync());
        _cached.Cache.Accept(token);

        Assert.Null(await _cached.SuspectAsync(token));
        Assert.Equal((0, 0), (_cached.Source.Renewals, _cached.Log.Count(115)));
    }

    [Fact]
    public async Task A8_ReplaceSuspectAsync_JustMintedOrNotRenewableOrNotServed_IsNot()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        Assert.Null(await _cached.SuspectAsync(token));

        _cached.Pass(61);
        Assert.Null(await _cached.SuspectAsync(_cached.Minted("another")));
        _cached.Source.IsRenewable = false;
        Assert.Null(await _cached.SuspectAsync(token));
        Assert.Null(await new Cached().SuspectAsync(token));
    }

    [Fact]
    public async Task Accept_OldToken_SaysNothingOfTheNewOne()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(_cached.Minted("t2"));
        var second = await _cached.ReplaceAsync(token);
        _cached.Pass(61);
        _cached.Cache.Accept(token);
        _cached.Source.Then(_cached.Minted("t3"));

        Assert.Equal("t3", (await _cached.SuspectAsync(second!))?.AccessToken);
    }

    [Fact]
    public async Task ReplaceSuspectAsync_RenewalFails_IsNullAndTheTokenServesOn()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Pass(61);
        _cached.Source.Then(Down);

        Assert.Null(await _cached.SuspectAsync(token));

        Assert.Same(token, await _cached.GetAsync());
        Assert.Equal(1, _cached.Log.Count(104));
    }

    [Fact]
    public async Task ReplaceSuspectAsync_RenewalAheadBringsTheSameToken_IsEnough()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(150);
        await _cached.GetAsync();
        var ahead = await _cached.Source.BegunAsync();

        var pending = Task.Run(() => _cached.SuspectAsync(token));
        await Guard.UntilAsync(() => _cached.Log.Count(115) == 1);
        // A source with a cache of its own.
        ahead.Brings(_cached.Minted("t1"));

        Assert.Null(await Guard.WaitAsync(pending));
        Assert.Equal(1, _cached.Source.Renewals);
    }
}
