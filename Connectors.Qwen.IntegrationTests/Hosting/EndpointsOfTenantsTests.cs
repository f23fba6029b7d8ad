using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>One client for tenants with endpoints of their own: what is learned of one endpoint says nothing of another.</summary>
public sealed class EndpointsOfTenantsTests
{
    [Fact]
    public async Task C1_AnotherEndpointContinues_OneThatIsNotKnownToIsNotAsked()
    {
        await using var known = await Setup.StartAsync();
        await using var unknown = await Setup.StartAsync();
        unknown.Qwen.ModelCatalogueScript.Always(QwenBehavior.Status(404, "none"));
        var tenants = new Tenants();
        var client = Client(known, tenants);

        tenants.Move(known);
        known.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));
        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(client));
        tenants.Move(unknown);
        unknown.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3), QwenBehavior.Answer("Anything else?"));
        var (text, failure) = await Ask.ReadAsync(client);

        Assert.Equal(Setup.Text[..24], text);
        Assert.Equal(QwenFailureKind.StreamInterrupted, Assert.IsType<QwenException>(failure).Kind);
        Assert.Single(unknown.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task C19_AnotherEndpointRefusesToContinue_ThisOneContinues()
    {
        await using var refusing = await Setup.StartAsync(options => options.PartialMode = QwenPartialMode.Refuse);
        await using var willing = await Setup.StartAsync();
        var tenants = new Tenants();
        var client = Client(refusing, tenants);

        tenants.Move(refusing);
        refusing.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));
        Assert.NotNull((await Ask.ReadAsync(client)).Failure);
        tenants.Move(willing);
        willing.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));

        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(client));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T38_AnotherEndpointIsDown_ItsCircuitsAreItsOwn(bool streaming)
    {
        await using var down = await Setup.StartAsync();
        await using var healthy = await Setup.StartAsync();
        down.Qwen.Script.Always(QwenBehavior.Status(503, "down"));
        var tenants = new Tenants();
        var client = Client(down, tenants);

        tenants.Move(down);
        var kinds = new List<QwenFailureKind>();
        for (var i = 0; i < 12; i++)
        {
            kinds.Add((await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming))).Kind);
        }

        tenants.Move(healthy);
        var answer = await Ask.Async(client, streaming);

        Assert.Contains(QwenFailureKind.CircuitOpen, kinds);
        Assert.Equal(Setup.Text, answer.Text);
        Assert.Single(healthy.Qwen.Journal.Chats);
        Assert.Contains(
            down.Logs.Entries,
            entry => entry.Text.Contains($"qwen3-max at {down.Qwen.Endpoint.Authority}", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task T37_AnotherEndpointCannotStream_ThisOneStreams()
    {
        await using var whole = await Setup.StartAsync();
        await using var both = await Setup.StartAsync();
        whole.Qwen.Script.Always(request => request.IsStream ? QwenBehavior.StreamTimeout() : QwenBehavior.Answer());
        var tenants = new Tenants();
        var client = Client(whole, tenants);

        tenants.Move(whole);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal((Setup.Text, null), await Ask.ReadAsync(client));
        }

        Assert.False(whole.Qwen.Journal.Chats[^1].IsStream, "Streaming is not suspended.");
        tenants.Move(both);
        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(client));

        Assert.True(Assert.Single(both.Qwen.Journal.Chats).IsStream);
    }

    [Fact]
    public async Task TenantsInTurn_EachEndpointIsToldOfOnce()
    {
        await using var one = await Setup.StartAsync();
        await using var other = await Setup.StartAsync();
        var tenants = new Tenants();
        var client = Client(one, tenants);

        for (var i = 0; i < 10; i++)
        {
            tenants.Move(i % 2 == 0 ? one : other);
            await Ask.Async(client, streaming: false);
        }

        Assert.Equal((5, 5), (one.Qwen.Journal.Chats.Count, other.Qwen.Journal.Chats.Count));
        Assert.Equal(2, one.Logs.Count(405));
    }

    private static IChatClient Client(Setup setup, Tenants tenants)
    {
        return setup.Pipeline(
            options =>
            {
                options.ApiKey = null;
                options.Endpoint = null;
                options.TimeoutRetry.RetryBudget.Enabled = false;
            },
            tenants
        );
    }

    /// <summary>As a host gives the credential of the current request.</summary>
    private sealed class Tenants : IQwenCredentialProvider
    {
        private QwenCredential? _now;

        public void Move(Setup to)
        {
            _now = new QwenCredential(QwenSimulatorOptions.DefaultApiKey, endpoint: to.Qwen.Endpoint);
        }

        public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
        {
            return new(_now!);
        }

        public ValueTask<QwenCredential?> RenewCredentialAsync(
            QwenCredential rejected,
            CancellationToken cancellationToken = default
        )
        {
            return new((QwenCredential?)null);
        }
    }
}
