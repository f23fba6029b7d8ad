using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

/// <summary>One renewal for all who wait, with a lifetime of its own.</summary>
public sealed class OAuthSharingTests : IDisposable
{
    private const int Waiters = 1000;

    private readonly TaskCompletionSource<HttpResponseMessage> _gate = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    private readonly FakeTimeProvider _time = Logins.Clock();
    private readonly ScriptedHandler _handler = new();

    public OAuthSharingTests()
    {
        _handler.Then(_ => _gate.Task);
    }

    [Fact]
    public async Task GetCredentialAsync_ThousandWaiters_ShareOneRenewal()
    {
        var provider = Provider(Logins.Ended());

        var calls = Enumerable.Range(0, Waiters).Select(_ => provider.GetCredentialAsync().AsTask()).ToArray();
        _gate.SetResult(Logins.Renewed());
        var credentials = await Task.WhenAll(calls);

        Assert.All(credentials, c => Assert.Same(credentials[0], c));
        Assert.Equal("a2", credentials[0].AccessToken);
        Assert.Single(_handler.Requests);
    }

    [Fact]
    public async Task RenewCredentialAsync_ThousandRejectionsOfOneToken_ShareOneRenewal()
    {
        var provider = Provider(Logins.Fresh());
        var rejected = await provider.GetCredentialAsync();

        var calls = Enumerable
            .Range(0, Waiters)
            .Select(_ => provider.RenewCredentialAsync(rejected).AsTask())
            .ToArray();
        _gate.SetResult(Logins.Renewed());
        var credentials = await Task.WhenAll(calls);

        Assert.All(credentials, c => Assert.Equal("a2", c?.AccessToken));
        Assert.Single(_handler.Requests);
    }

    [Fact]
    public async Task GetCredentialAsync_FirstWaiterCancelled_TheOthersGoOn()
    {
        var provider = Provider(Logins.Ended());
        using var source = new CancellationTokenSource();

        var first = provider.GetCredentialAsync(source.Token).AsTask();
        var second = provider.GetCredentialAsync().AsTask();
        await source.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _gate.SetResult(Logins.Renewed());

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Equal("a2", (await second).AccessToken);
        Assert.Single(_handler.Requests);
    }

    [Fact]
    public async Task GetCredentialAsync_OnlyWaiterCancelled_TheRenewalIsKept()
    {
        var provider = Provider(Logins.Ended());
        using var source = new CancellationTokenSource();

        var first = provider.GetCredentialAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _gate.SetResult(Logins.Renewed());

        Assert.Equal("a2", (await provider.GetCredentialAsync()).AccessToken);
        Assert.Single(_handler.Requests);
    }

    [Fact]
    public async Task GetCredentialAsync_RenewalOfAnEndedTokenFails_GivesEachWaiterItsOwnException()
    {
        var provider = Provider(Logins.Ended());

        var calls = Enumerable.Range(0, 10).Select(_ => provider.GetCredentialAsync().AsTask()).ToArray();
        _gate.SetResult(Answers.Json("{}", HttpStatusCode.Forbidden));
        var thrown = new List<QwenException>();
        foreach (var call in calls)
        {
            thrown.Add(await Assert.ThrowsAsync<QwenException>(() => call));
        }

        Assert.Equal(thrown.Count, thrown.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.All(thrown, e => Assert.Equal(QwenFailureKind.PermissionDenied, e.Kind));
        Assert.All(thrown, e => Assert.Equal(HttpStatusCode.Forbidden, e.StatusCode));
    }

    [Fact]
    public async Task GetCredentialAsync_AfterAFailedRenewal_TriesAgainInASecond()
    {
        var provider = Provider(Logins.Ended());
        _handler.Then(() => Logins.Renewed());

        _gate.SetResult(Answers.Json("{}", HttpStatusCode.Forbidden));
        await Assert.ThrowsAsync<QwenException>(async () => await provider.GetCredentialAsync());
        await Assert.ThrowsAsync<QwenException>(async () => await provider.GetCredentialAsync());
        Assert.Single(_handler.Requests);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a2", (await provider.GetCredentialAsync()).AccessToken);
    }

    public void Dispose()
    {
        _handler.Dispose();
    }

    private OAuthCredentialProvider Provider(QwenCredential login)
    {
        var store = new InMemoryCredentialStore(login);
        return new OAuthCredentialProvider(new QwenOAuthOptions(), store, _handler.CreateClient(), null, _time);
    }
}
