using System.Net;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Transport;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.UnitTests.Transport;

public class ServerFailureTests
{
    private const string Body = "0123456789abcdef0123456789abcdef";
    private static readonly string[] Prefixes = ["sk-", "sk-sp-", "sk-tok-", "sk-ws-", "st-", ""];
    private static readonly string[] Endpoints =
    [
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "https://coding-intl.dashscope.aliyuncs.com/v1",
        "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
        "https://llm-abc.us-east-1.maas.aliyuncs.com/compatible-mode/v1",
        "https://gateway.example/v1",
        "http://127.0.0.1:5000/v1",
    ];

    // Status and what the server says: {0} is the whole key, which some servers repeat.
    public static TheoryData<int, string> Refusals =>
        new()
        {
            { 401, "Incorrect API key provided: {0}" },
            { 401, "invalid access token or token expired" },
            { 403, "Invalid API key" },
            { 405, "Coding Plan is currently only available for Coding Agents" },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Create_AnyKeyAtAnyEndpoint_NamesTheHostAndNoPartOfTheKey(int status, string said)
    {
        foreach (var endpoint in Endpoints)
        {
            foreach (var prefix in Prefixes)
            {
                var e = Create(endpoint, prefix + Body, status, null, said.Replace("{0}", prefix + Body));

                Assert.Contains(new Uri(endpoint).Host, e.Message);
                Assert.Contains(" is used at ", e.Message);
                Assert.DoesNotContain(FailureTable.Of(e.Kind).Advice, e.Message);
                for (var start = 0; start + 4 <= Body.Length; start++)
                {
                    Assert.DoesNotContain(Body.Substring(start, 4), e.ToString());
                }
            }
        }
    }

    [Fact]
    public void Create_KeyOfAnotherRegion_IsOneReadableMessage()
    {
        var e = Create(Endpoints[0], "sk-" + Body, 401, "invalid_api_key", "Incorrect API key provided.");

        Assert.Equal(
            "Qwen at dashscope.aliyuncs.com failed with Authentication (HTTP 401, invalid_api_key): Incorrect API key provided. "
                + "A Model Studio key (sk-...) is used at Model Studio, Beijing (dashscope.aliyuncs.com). Keys do not cross "
                + "regions: try QwenEndpoints.Singapore, QwenEndpoints.UnitedStates or QwenEndpoints.HongKong, or "
                + "QwenEndpoints.Workspace. In the right region check that the key is complete, not deleted, and may use this "
                + "model.",
            e.Message
        );
    }

    [Theory]
    [InlineData(403, "Model.AccessDenied")]
    [InlineData(403, "AllocationQuota.FreeTierOnly")]
    [InlineData(400, "invalid_parameter_error")]
    [InlineData(405, null)]
    public void Create_NotOfTheKey_KeepsTheAdviceOfItsKind(int status, string? code)
    {
        var e = Create(Endpoints[0], "sk-" + Body, status, code, "no");

        Assert.EndsWith(FailureTable.Of(e.Kind).Advice, e.Message);
        Assert.DoesNotContain(" is used at ", e.Message);
    }

    [Theory]
    [InlineData(401, typeof(QwenAuthenticationException))]
    [InlineData(403, typeof(QwenException))]
    public void Create_EitherType_HoldsEverythingKnown(int status, Type type)
    {
        var handle = new object();
        var facts = RawClient.Facts(new Uri(Endpoints[0]), "sk-" + Body, handle);
        using var response = new HttpResponseMessage();
        response.Headers.Add("x-request-id", "H");
        facts.Answered(response.Headers);

        var e = ServerFailure.Create(
            new WireError("c", "t", "m", "p", "U"),
            (HttpStatusCode)status,
            facts,
            TimeSpan.FromSeconds(7),
            "part"
        );

        Assert.IsType(type, e);
        Assert.Equal(("c", "m", "p", "U"), (e.ErrorCode, e.ServerMessage, e.Parameter, e.RequestId));
        Assert.Equal(
            ((HttpStatusCode?)status, TimeSpan.FromSeconds(7), "part"),
            (e.StatusCode, e.RetryAfter, e.PartialText)
        );
        Assert.Equal((facts.Endpoint, 1), (e.Endpoint, e.Attempts));
        Assert.Same(handle, e.CredentialHandle);
        Assert.Null(e.InnerException);
    }

    private static QwenException Create(string endpoint, string secret, int status, string? code, string said)
    {
        return ServerFailure.Create(
            new WireError(code, null, said, null, null),
            (HttpStatusCode)status,
            RawClient.Facts(new Uri(endpoint), secret)
        );
    }
}
