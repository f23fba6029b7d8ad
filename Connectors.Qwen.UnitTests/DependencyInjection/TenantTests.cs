using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

/// <summary>One client for many tenants: the credential is chosen for each call, by a provider that the host registers.</summary>
public class TenantTests
{
    private const int Tenants = 10_000;

    [Fact]
    public async Task ManyTenants_EachIsAskedWithItsOwnKey_AndNothingOfThemIsKept()
    {
        var credentials = new TenantCredentials();
        var server = new TenantServer();
        var services = new ServiceCollection();
        services.AddSingleton<IQwenCredentialProvider>(credentials);
        services.AddQwenChatClient("qwen3-max", " ");
        services.AddHttpClient("Connectors.Qwen").ConfigurePrimaryHttpMessageHandler(() => server);
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();

        var rejected = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Tenants),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (tenant, cancel) =>
            {
                credentials.Current = tenant;
                try
                {
                    var answer = await client.GetResponseAsync(Inner.Hello, null, cancel);
                    Assert.Equal("Hello", answer.Text);
                }
                catch (QwenAuthenticationException)
                {
                    // One tenant's bad key is nobody else's trouble.
                    Assert.True(TenantServer.IsBad(tenant));
                    Interlocked.Increment(ref rejected);
                }
            }
        );

        Assert.Equal(Tenants / 10, rejected);
        Assert.Equal(Tenants, server.Keys.Count);
        credentials.Current = -1;
        Assert.InRange(AliveAfterCollection(credentials), 0, 100);
    }

    // What a machine's registers and pools still hold of the last calls is not counted as state.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int AliveAfterCollection(TenantCredentials credentials)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return credentials.Made.Count(static made => made.TryGetTarget(out _));
    }

    /// <summary>As a host would write it, with its request's tenant in place of the number.</summary>
    private sealed class TenantCredentials : IQwenCredentialProvider
    {
        private readonly AsyncLocal<int> _tenant = new();

        public int Current
        {
            set => _tenant.Value = value;
        }

        public ConcurrentQueue<WeakReference<QwenCredential>> Made { get; } = new();

        public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
        {
            var credential = new QwenCredential($"sk-tenant-{_tenant.Value}");
            Made.Enqueue(new(credential));
            return new(credential);
        }

        public ValueTask<QwenCredential?> RenewCredentialAsync(
            QwenCredential rejected,
            CancellationToken cancellationToken = default
        )
        {
            return default;
        }
    }

    private sealed class TenantServer : HttpMessageHandler
    {
        public ConcurrentDictionary<string, int> Keys { get; } = new();

        public static bool IsBad(int tenant)
        {
            return tenant % 10 == 3;
        }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var key = request.Headers.Authorization!.Parameter!;
            Keys.AddOrUpdate(key, 1, static (_, count) => count + 1);
            return Task.FromResult(
                IsBad(int.Parse(key["sk-tenant-".Length..], provider: null))
                    ? Answers.Json("""{"error":{"code":"invalid_api_key"}}""", HttpStatusCode.Unauthorized)
                    : Answers.Json(Answers.Completion)
            );
        }
    }
}
