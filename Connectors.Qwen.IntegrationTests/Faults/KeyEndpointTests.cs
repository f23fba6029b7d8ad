using System.Net;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>
/// Row A27: a key where it does not belong, over a socket. The addresses of the service itself cannot be asked here: their words
/// are in the unit tests of KeyDiagnosis.
/// </summary>
public sealed class KeyEndpointTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private const string AgentsOnly = "Coding Plan is currently only available for Coding Agents";
    private const string Terms = "interactive coding tools only";
    private const string Unknown = "Check that this host takes such a key.";

    // The prefix of the key, and how the message calls its kind.
    public static TheoryData<bool, string, string> Keys
    {
        get
        {
            var data = new TheoryData<bool, string, string>();
            foreach (var streaming in new[] { true, false })
            {
                data.Add(streaming, "sk-", "A key of the form sk-... is used at ");
                data.Add(streaming, "sk-ws-", "A workspace key (sk-ws-...) is used at ");
                data.Add(streaming, "sk-sp-", "A plan key (sk-sp-..., sk-tok-...) is used at ");
                data.Add(streaming, "st-", "A temporary key (st-...) is used at ");
                data.Add(streaming, "", "A login token, or a key without a known prefix, is used at ");
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Keys))]
    public async Task A27_KeyRefusedWith401_HostAndKindOfKeyAreNamedAndTheKeyIsNot(
        bool streaming,
        string prefix,
        string named
    )
    {
        await using var setup = await Setup.StartAsync();
        var key = prefix + Secret;
        setup.Qwen.Script.Always(
            QwenBehavior.Error(401, "invalid_api_key", $"Incorrect API key provided: {key}.").Unchecked()
        );

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            Ask.Async(setup.Pipeline(options => options.ApiKey = key), streaming)
        );

        AssertExplained(failure, setup, named, Unknown);
        Assert.Equal(HttpStatusCode.Unauthorized, failure.StatusCode);
        Assert.Equal("Incorrect API key provided: [key].", failure.ServerMessage);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, MemberData(nameof(Keys))]
    public async Task A27_KeyRefusedWith403_HostAndKindOfKeyAreNamedAndTheKeyIsNot(
        bool streaming,
        string prefix,
        string named
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Status(403, "Invalid API key").Unchecked());

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            Ask.Async(setup.Pipeline(options => options.ApiKey = prefix + Secret), streaming)
        );

        AssertExplained(failure, setup, named, Unknown);
        Assert.Equal(QwenFailureKind.PermissionDenied, failure.Kind);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    // As plain text and as the body that was reported.
    [Theory]
    [InlineData(true, AgentsOnly, "text/plain")]
    [InlineData(false, AgentsOnly, "text/plain")]
    [InlineData(true, $$"""{"error":"{{AgentsOnly}}"}""", "application/json")]
    [InlineData(false, $$"""{"error":"{{AgentsOnly}}"}""", "application/json")]
    public async Task A27_PlanOnlyForCodingAgents405_SaysThatItIsThePlansTerms(bool streaming, string body, string type)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Status(405, body, type).Unchecked());

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            Ask.Async(setup.Pipeline(static options => options.ApiKey = "sk-sp-" + Secret), streaming)
        );

        AssertExplained(failure, setup, "A plan key (sk-sp-..., sk-tok-...) is used at ", Terms);
        Assert.Equal(QwenFailureKind.PermissionDenied, failure.Kind);
        Assert.Equal(AgentsOnly, failure.ServerMessage);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, failure.StatusCode);
        // Neither retried nor asked in the other form, and not under another client's name.
        var chat = Assert.Single(setup.Qwen.Journal.Chats);
        Assert.DoesNotContain("QwenCode", chat.Headers["User-Agent"], StringComparison.OrdinalIgnoreCase);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A27_AnyOther405_IsTheRequest(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Status(405, "Method Not Allowed"));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.DoesNotContain(" is used at ", failure.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A27_ModelThatIsNotPermitted_IsNotTakenForAWrongKey(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Error(403, "Model.AccessDenied", "Model access denied."));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.PermissionDenied, failure.Kind);
        Assert.EndsWith("Ask for access to this model or workspace.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(" is used at ", failure.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A27_LoginThatNamesTheClosedService_IsToldBeforeAnythingIsSent(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var login = new QwenCredential(Secret, endpoint: new Uri("https://portal.qwen.ai/v1"));
        var client = QwenPipeline.CreateChatClient(
            setup.Options(static options => options.Endpoint = null),
            setup.Login(login)
        );
        setup.Own(client);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.CredentialStore, failure.Kind);
        Assert.Contains("portal.qwen.ai is the free login service", failure.Message, StringComparison.Ordinal);
        Assert.Contains("QwenEndpoints", failure.Message, StringComparison.Ordinal);
        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    private static void AssertExplained(QwenException failure, Setup setup, string named, string advice)
    {
        Assert.Contains(named + setup.Qwen.Endpoint.Authority, failure.Message, StringComparison.Ordinal);
        Assert.Contains(advice, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("QwenEndpoints.Singapore", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[..8], failure.ToString(), StringComparison.Ordinal);
        Assert.All(
            setup.Logs.Entries,
            static entry => Assert.DoesNotContain(Secret[..8], entry.Text, StringComparison.Ordinal)
        );
    }
}
