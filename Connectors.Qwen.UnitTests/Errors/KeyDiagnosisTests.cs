using Connectors.Qwen.Errors;
using Connectors.Qwen.Wire;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.UnitTests.Errors;

public class KeyDiagnosisTests
{
    private const string Body = "0123456789abcdef0123456789abcdef";
    private const string Studio = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1";
    private const string Workspace = "https://llm-abc.eu-central-1.maas.aliyuncs.com/compatible-mode/v1";
    private const string Coding = "https://coding.dashscope.aliyuncs.com/v1";
    private const string Token = "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1";
    private const string Gateway = "https://gateway.example:8443/v1";
    private const string Loopback = "http://127.0.0.1:5000/v1";

    private const string Expired = "invalid access token or token expired";
    private const string Incorrect = "Incorrect API key provided.";
    private const string Agents = "Coding Plan is currently only available for Coding Agents";

    private const string StudioTitle = "Model Studio, Singapore (dashscope-intl.aliyuncs.com)";
    private const string WorkspaceTitle = "Model Studio workspace, Frankfurt (llm-abc.eu-central-1.maas.aliyuncs.com)";
    private const string CodingTitle = "Coding Plan, China (coding.dashscope.aliyuncs.com)";
    private const string TokenTitle = "Token Plan, Beijing (token-plan.cn-beijing.maas.aliyuncs.com)";

    private const string OtherRegions = "QwenEndpoints.Beijing, QwenEndpoints.UnitedStates or QwenEndpoints.HongKong";
    private const string Plans =
        "QwenEndpoints.CodingPlan, QwenEndpoints.CodingPlanInternational, QwenEndpoints.TokenPlan or "
        + "QwenEndpoints.TokenPlanInternational";
    private const string Owner = "takes the keys of its own workspace only";
    private const string PlansOwn = "takes the plan's own key (sk-sp-...)";
    private const string Terms = "interactive coding tools only";
    private const string NoEnd = "there is no token to renew";

    // Endpoint, prefix of the key, status, what the server says, then: endpoint and kind as named, what to try.
    public static TheoryData<string, string, int, string?, string, string> Keys =>
        new()
        {
            { Studio, "sk-", 401, Incorrect, $"A Model Studio key (sk-...) is used at {StudioTitle}.", OtherRegions },
            { Studio, "sk-", 401, Incorrect, StudioTitle, "QwenEndpoints.Workspace" },
            { Studio, "sk-", 403, "Invalid API key", StudioTitle, OtherRegions },
            { Studio, "sk-ws-", 401, Incorrect, "A workspace key (sk-ws-...) is used at", "QwenEndpoints.Workspace" },
            {
                Studio,
                "sk-sp-",
                401,
                Incorrect,
                $"A plan key (sk-sp-..., sk-tok-...) is used at {StudioTitle}.",
                Plans
            },
            { Studio, "sk-sp-", 401, Expired, StudioTitle, NoEnd },
            { Studio, "sk-tok-", 401, Expired, "A plan key (sk-sp-..., sk-tok-...) is used at", Plans },
            { Studio, "st-", 401, Incorrect, "A temporary key (st-...) is used at", "30 minutes at most" },
            { Studio, "st-", 401, Expired, StudioTitle, OtherRegions },
            {
                Studio,
                "",
                401,
                Expired,
                "A login token, or a key without a known prefix, is used at",
                "ended on 2026-04-15"
            },
            { Studio, "", 401, Expired, StudioTitle, "do not work on dashscope-intl.aliyuncs.com" },
            { Workspace, "sk-", 403, null, $"A Model Studio key (sk-...) is used at {WorkspaceTitle}.", Owner },
            { Workspace, "sk-", 401, Incorrect, WorkspaceTitle, Owner },
            { Workspace, "sk-ws-", 403, null, $"A workspace key (sk-ws-...) is used at {WorkspaceTitle}.", Owner },
            { Workspace, "sk-sp-", 401, Expired, WorkspaceTitle, Plans },
            { Workspace, "st-", 403, null, WorkspaceTitle, "30 minutes at most" },
            { Workspace, "", 401, Expired, WorkspaceTitle, "use an API key" },
            { Coding, "sk-", 401, Incorrect, $"A Model Studio key (sk-...) is used at {CodingTitle}.", PlansOwn },
            { Coding, "sk-", 401, Expired, CodingTitle, NoEnd },
            { Coding, "sk-", 403, "Invalid API key", CodingTitle, "QwenEndpoints.Beijing" },
            { Coding, "sk-ws-", 401, Incorrect, CodingTitle, "QwenEndpoints.Workspace" },
            { Coding, "sk-sp-", 401, Expired, CodingTitle, "QwenEndpoints.CodingPlanInternational" },
            { Coding, "sk-sp-", 401, Expired, CodingTitle, NoEnd },
            { Coding, "sk-sp-", 403, "Invalid API key", CodingTitle, "each have a key and an endpoint of their own" },
            { Coding, "sk-sp-", 403, "Invalid API key", CodingTitle, Terms },
            { Coding, "sk-sp-", 405, Agents, $"A plan key (sk-sp-..., sk-tok-...) is used at {CodingTitle}.", Terms },
            { Coding, "sk-sp-", 405, Agents, CodingTitle, "this library sends its own name" },
            { Coding, "sk-sp-", 405, Agents, CodingTitle, "use a Model Studio key" },
            { Coding, "sk-sp-", 405, "in other words", CodingTitle, Terms },
            { Coding, "st-", 401, Incorrect, CodingTitle, PlansOwn },
            { Coding, "", 401, Incorrect, CodingTitle, "use an API key" },
            { Token, "sk-tok-", 401, Expired, TokenTitle, "QwenEndpoints.TokenPlanInternational" },
            { Token, "sk-", 401, Expired, TokenTitle, PlansOwn },
            // A gateway in front of the plan repeats its words: those are certain.
            { Gateway, "sk-sp-", 405, Agents, "is used at gateway.example:8443.", Terms },
        };

    // Nothing but the host and the kind is known of these, whatever they answer.
    public static TheoryData<string, string, int, string?, string> Unknown =>
        new()
        {
            { Gateway, "sk-", 401, Incorrect, "A key of the form sk-... is used at gateway.example:8443." },
            { Gateway, "sk-sp-", 401, Expired, "A plan key (sk-sp-..., sk-tok-...) is used at gateway.example:8443." },
            { Gateway, "sk-ws-", 403, null, "A workspace key (sk-ws-...) is used at gateway.example:8443." },
            { Loopback, "st-", 401, Incorrect, "A temporary key (st-...) is used at 127.0.0.1:5000." },
            {
                Loopback,
                "",
                401,
                Expired,
                "A login token, or a key without a known prefix, is used at 127.0.0.1:5000."
            },
            {
                "https://dashscope.aliyuncs.com.evil.example/v1",
                "sk-",
                401,
                Incorrect,
                "A key of the form sk-... is used at dashscope.aliyuncs.com.evil.example."
            },
        };

    // Endpoint, status, code, type, message: what the key lacks is named, or the key is not the matter.
    public static TheoryData<string, int, string?, string?, string?> OtherFailures =>
        new()
        {
            { Studio, 403, "Model.AccessDenied", null, "Model access denied." },
            { Studio, 403, "access_denied", "access_denied", "Access denied." },
            { Studio, 403, null, "AccessDenied", "Access denied." },
            { Studio, 403, "AccessDenied.Unpurchased", null, "Access to model denied." },
            { Studio, 403, "Workspace.AccessDenied", null, "Workspace access denied." },
            { Studio, 403, "AllocationQuota.FreeTierOnly", null, "The free tier of the model has been exhausted." },
            { Studio, 401, "NOT AUTHORIZED", null, "Access denied" },
            { Studio, 405, null, null, "Method Not Allowed" },
            { Studio, 400, "invalid_parameter_error", null, "Range of n should be [1, 4]" },
            { Studio, 429, "Throttling", null, "Too many requests" },
            { Gateway, 405, null, null, "Method Not Allowed" },
            { Coding, 404, "model_not_found", null, "not found" },
            { Coding, 429, "insufficient_quota", null, "Your plan's quota has been exhausted." },
            { Workspace, 403, "Model.AccessDenied", null, "Model access denied." },
            { Workspace, 403, "App.AccessDenied", null, "App access denied." },
        };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Explain_KeyAtAKnownEndpoint_NamesBothAndWhatToTry(
        string endpoint,
        string prefix,
        int status,
        string? said,
        string named,
        string advice
    )
    {
        var text = Explain(endpoint, prefix, status, null, null, said);

        Assert.NotNull(text);
        Assert.Contains(named, text);
        Assert.Contains(advice, text);
        Assert.EndsWith(".", text);
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Explain_HostThatIsNotKnown_NamesHostAndKindAndNoRegion(
        string endpoint,
        string prefix,
        int status,
        string? said,
        string named
    )
    {
        Assert.Equal(
            named + " Check that this host takes such a key. It is none of QwenEndpoints, so no more is known of it.",
            Explain(endpoint, prefix, status, null, null, said)
        );
    }

    [Theory]
    [MemberData(nameof(OtherFailures))]
    public void Explain_FailureThatIsNotOfTheKey_IsNull(
        string endpoint,
        int status,
        string? code,
        string? type,
        string? said
    )
    {
        Assert.Null(Explain(endpoint, "sk-", status, code, type, said));
    }

    [Theory]
    [InlineData("access_denied")]
    [InlineData("AccessDenied")]
    [InlineData("Workspace.AccessDenied")]
    [InlineData("NOT AUTHORIZED")]
    [InlineData(null)]
    public void Explain_WorkspaceRefusesInAnyOfItsWords_SaysWhoseKeysItTakes(string? code)
    {
        Assert.Contains(Owner, Explain(Workspace, "sk-", 403, code, null, "denied"));
    }

    [Fact]
    public void Explain_InsideAStream_IsTheSame()
    {
        var error = new WireError("invalid_api_key", null, Incorrect, null, null);

        var text = KeyDiagnosis.Explain(Authentication, null, error, new Uri(Studio), KeyKind.ModelStudio);

        Assert.Contains(OtherRegions, text);
    }

    [Theory]
    [InlineData(nameof(KeyKind.Temporary))]
    [InlineData(nameof(KeyKind.Login))]
    public void Explain_TokenExpiredOfWhatReallyEnds_IsNotExplainedAway(string kind)
    {
        var key = Enum.Parse<KeyKind>(kind);
        var error = new WireError(null, null, Expired, null, null);

        Assert.DoesNotContain(NoEnd, KeyDiagnosis.Explain(Authentication, 401, error, new Uri(Studio), key));
    }

    private static string? Explain(string endpoint, string prefix, int status, string? code, string? type, string? said)
    {
        var kind = FailureClassifier.Classify(status, code, type, said);
        var key = EndpointCatalogue.KindOf(prefix + Body);
        return KeyDiagnosis.Explain(kind, status, new WireError(code, type, said, null, null), new Uri(endpoint), key);
    }
}
