using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Errors;

public class EndpointRulesTests
{
    private const string ModelStudioKey = "sk-0123456789abcdef0123456789ABCDEF";
    private const string PlanKey = "sk-sp-0123456789abcdef";
    private const string TokenPlanKey = "sk-tok-0123456789abcdef";
    private const string WorkspaceKey = "sk-ws-0123456789abcdef";
    private const string UnknownKey = "ak_something-else";

    public static TheoryData<string, string> Mismatches =>
        new()
        {
            { "https://dashscope.aliyuncs.com/compatible-mode/v1", PlanKey },
            { "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", PlanKey },
            { "https://dashscope-us.aliyuncs.com/compatible-mode/v1", TokenPlanKey },
            { "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1", TokenPlanKey },
            { "https://DASHSCOPE.aliyuncs.com/compatible-mode/v1", PlanKey },
            { "https://coding.dashscope.aliyuncs.com/v1", ModelStudioKey },
            { "https://coding-intl.dashscope.aliyuncs.com/v1", ModelStudioKey },
            { "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", ModelStudioKey },
            { "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1", ModelStudioKey },
            { "https://coding.dashscope.aliyuncs.com/v1", WorkspaceKey },
            { "https://ws1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", PlanKey },
            { "https://ws1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1", TokenPlanKey },
        };

    public static TheoryData<string, string> Matches =>
        new()
        {
            { "https://dashscope.aliyuncs.com/compatible-mode/v1", ModelStudioKey },
            { "https://dashscope.aliyuncs.com/compatible-mode/v1", UnknownKey },
            { "https://coding.dashscope.aliyuncs.com/v1", PlanKey },
            { "https://coding.dashscope.aliyuncs.com/v1", UnknownKey },
            { "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", TokenPlanKey },
            { "https://ws1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", WorkspaceKey },
            { "https://ws1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", ModelStudioKey },
            { "https://dashscope.aliyuncs.com/compatible-mode/v1", WorkspaceKey },
            // 35 characters, yet not the classic form.
            { "https://coding.dashscope.aliyuncs.com/v1", "sk-0123456789abcdef0123456789ABCDEX" },
            { "https://gateway.example/v1", ModelStudioKey },
            { "https://gateway.example/v1", PlanKey },
            { "http://localhost:8080/v1", PlanKey },
            { "https://dashscope.aliyuncs.com.evil.example/v1", PlanKey },
        };

    [Theory]
    [MemberData(nameof(Mismatches))]
    public void Mismatch_KeyOfAnotherProduct_NamesTheHostAndNeverTheKey(string endpoint, string key)
    {
        var message = EndpointRules.Mismatch(new Uri(endpoint), key);

        Assert.NotNull(message);
        Assert.Contains(new Uri(endpoint).Host, message);
        Assert.DoesNotContain(key[6..], message);
    }

    [Theory]
    [MemberData(nameof(Matches))]
    public void Mismatch_KeyThatMayBelong_IsNull(string endpoint, string key)
    {
        Assert.Null(EndpointRules.Mismatch(new Uri(endpoint), key));
    }

    [Fact]
    public void CheckKey_KeyOfAnotherProduct_NamesBothAndWhatToTry()
    {
        var e = Assert.Throws<ArgumentException>("key", static () => EndpointRules.CheckKey(null, $" {PlanKey} "));

        Assert.StartsWith(
            "A plan key (sk-sp-..., sk-tok-...) is used at Model Studio, Beijing (dashscope.aliyuncs.com). It works at the "
                + "endpoint of its plan only: try QwenEndpoints.CodingPlan, ",
            e.Message
        );
    }

    [Fact]
    public void CheckKey_AddressThatIsNone_IsLeftToTheCheckOfTheAddress()
    {
        var endpoint = new Uri("dashscope.aliyuncs.com", UriKind.Relative);

        Assert.Null(Record.Exception(() => EndpointRules.CheckKey(endpoint, PlanKey)));
    }

    [Theory]
    [InlineData("https://gateway.example/v1")]
    [InlineData("http://localhost:5000/v1")]
    [InlineData("http://127.0.0.1/v1")]
    [InlineData("http://[::1]:5000/v1")]
    public void Refusal_TlsOrLoopback_IsNull(string endpoint)
    {
        Assert.Null(EndpointRules.Refusal(new Uri(endpoint)));
    }

    [Theory]
    [InlineData("http://gateway.example/v1", "http://gateway.example is not encrypted.")]
    [InlineData("http://192.168.0.1/v1", "http://192.168.0.1 is not encrypted.")]
    [InlineData("ftp://gateway.example/v1", "'ftp://gateway.example/v1' is not an absolute http(s) address.")]
    [InlineData("dashscope.aliyuncs.com", "'dashscope.aliyuncs.com' is not an absolute http(s) address.")]
    [InlineData("v1/chat", "'v1/chat' is not an absolute http(s) address.")]
    public void Refusal_AddressThatCannotBeUsed_SaysWhy(string endpoint, string expected)
    {
        Assert.StartsWith(expected, EndpointRules.Refusal(new Uri(endpoint, UriKind.RelativeOrAbsolute)));
    }

    [Fact]
    public void Refusal_SecretInTheQuery_IsNotRepeated()
    {
        Assert.DoesNotContain("s3cret", EndpointRules.Refusal(new Uri("http://gateway.example/v1?key=s3cret")));
    }

    [Theory]
    [InlineData("sk-s3cret")]
    [InlineData(" sk-s3cret\n")]
    [InlineData("sk-sp-s3cret")]
    [InlineData("sk-ws-s3cret")]
    [InlineData("st-s3cret")]
    public void Refusal_KeyInPlaceOfTheAddress_IsNotRepeated(string endpoint)
    {
        var refusal = EndpointRules.Refusal(new Uri(endpoint, UriKind.RelativeOrAbsolute));

        Assert.StartsWith("it is not an absolute http(s) address.", refusal);
        Assert.DoesNotContain("s3cret", refusal);
    }

    [Theory]
    [InlineData("http://me:s3cret@gateway.example/v1")]
    [InlineData("https://me:s3cret@gateway.example/v1")]
    [InlineData("https://s3cret@gateway.example/v1")]
    [InlineData("http://me:s3cret@localhost/v1")]
    [InlineData("ftp://me:s3cret@gateway.example/v1")]
    [InlineData("me:s3cret@gateway.example/v1")]
    public void Refusal_PasswordInTheAddress_IsRefusedAndNotRepeated(string endpoint)
    {
        var refusal = EndpointRules.Refusal(new Uri(endpoint, UriKind.RelativeOrAbsolute));

        Assert.NotNull(refusal);
        Assert.DoesNotContain("s3cret", refusal);
    }

    [Theory]
    [InlineData("https://portal.qwen.ai/v1")]
    [InlineData("https://PORTAL.qwen.ai")]
    [InlineData("https://eu.portal.qwen.ai/v1")]
    public void Refusal_TheClosedLoginService_SaysWhatToUse(string endpoint)
    {
        var refusal = EndpointRules.Refusal(new Uri(endpoint));

        Assert.NotNull(refusal);
        Assert.Contains("portal.qwen.ai is the free login service, which ended on 2026-04-15", refusal);
        Assert.Contains("QwenEndpoints", refusal);
        Assert.Contains("a gateway of your own", refusal);
    }

    [Theory]
    [InlineData("https://chat.qwen.ai/api/v1/oauth2/token")]
    [InlineData("https://myportal.qwen.ai/v1")]
    [InlineData("https://portal.qwen.ai.gateway.example/v1")]
    public void Refusal_HostsLikeIt_IsNull(string endpoint)
    {
        Assert.Null(EndpointRules.Refusal(new Uri(endpoint)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Check_NoModel_NamesIt(string model)
    {
        var e = Assert.Throws<ArgumentException>(() => EndpointRules.Check(new QwenClientOptions { ModelId = model }));

        Assert.StartsWith("ModelId is empty.", e.Message);
    }

    [Fact]
    public void Check_EndpointThatCannotBeUsed_NamesIt()
    {
        var options = new QwenClientOptions { ModelId = "m", Endpoint = new Uri("http://gateway.example/v1") };

        var e = Assert.Throws<ArgumentException>(() => EndpointRules.Check(options));

        Assert.StartsWith("Endpoint cannot be used: http://gateway.example is not encrypted.", e.Message);
    }

    [Theory]
    [InlineData(1023, 1024, "MaxEventBytes")]
    [InlineData(1024, 1023, "MaxResponseBytes")]
    public void Check_LimitTooSmall_NamesIt(long maxEvent, long maxResponse, string name)
    {
        var options = new QwenClientOptions
        {
            ModelId = "m",
            MaxEventBytes = maxEvent,
            MaxResponseBytes = maxResponse,
        };

        Assert.Throws<ArgumentOutOfRangeException>(name, () => EndpointRules.Check(options));
    }

    [Fact]
    public void Check_SmallestLimits_AreAccepted()
    {
        var options = new QwenClientOptions
        {
            ModelId = "m",
            MaxEventBytes = 1024,
            MaxResponseBytes = 1024,
        };

        Assert.Null(Record.Exception(() => EndpointRules.Check(options)));
    }
}
