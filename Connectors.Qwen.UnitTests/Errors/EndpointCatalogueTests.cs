using System.Reflection;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Errors;

public class EndpointCatalogueTests
{
    private const string Hex = "0123456789abcdef0123456789ABCDEF";

    public static TheoryData<string, string> Endpoints =>
        new()
        {
            { "https://dashscope.aliyuncs.com/compatible-mode/v1", "Model Studio, Beijing (dashscope.aliyuncs.com)" },
            { "https://DashScope-US.aliyuncs.com/v1", "Model Studio, Virginia (dashscope-us.aliyuncs.com)" },
            {
                "https://cn-hongkong.dashscope.aliyuncs.com/",
                "Model Studio, Hong Kong (cn-hongkong.dashscope.aliyuncs.com)"
            },
            {
                "https://w1.ap-northeast-1.maas.aliyuncs.com/",
                "Model Studio workspace, Tokyo (w1.ap-northeast-1.maas.aliyuncs.com)"
            },
            {
                "https://w1.xx-new-9.maas.aliyuncs.com/",
                "Model Studio workspace, xx-new-9 (w1.xx-new-9.maas.aliyuncs.com)"
            },
            {
                "https://token-plan.us-east-1.maas.aliyuncs.com/",
                "Token Plan, Virginia (token-plan.us-east-1.maas.aliyuncs.com)"
            },
            { "https://a.b.cn-beijing.maas.aliyuncs.com/", "a.b.cn-beijing.maas.aliyuncs.com" },
            { "https://cn-beijing.maas.aliyuncs.com/", "cn-beijing.maas.aliyuncs.com" },
            { "https://maas.aliyuncs.com/", "maas.aliyuncs.com" },
            { "https://dashscope.aliyuncs.com.evil.example/", "dashscope.aliyuncs.com.evil.example" },
            { "http://localhost:5000/v1", "localhost:5000" },
            { "http://[::1]:5000/v1", "[::1]:5000" },
        };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public void Find_Address_IsNamedAsFarAsItIsKnown(string endpoint, string expected)
    {
        Assert.Equal(expected, EndpointCatalogue.Find(new Uri(endpoint)).ToString());
    }

    [Fact]
    public void Find_EveryNamedEndpoint_HasItsRow()
    {
        var properties = typeof(QwenEndpoints).GetProperties(BindingFlags.Public | BindingFlags.Static);

        Assert.NotEmpty(properties);
        Assert.All(
            properties,
            static property =>
                Assert.Equal(property.Name, EndpointCatalogue.Find((Uri)property.GetValue(null)!).Property)
        );
    }

    [Theory]
    [InlineData("sk-sp-x", nameof(KeyKind.Plan))]
    [InlineData("sk-tok-x", nameof(KeyKind.Plan))]
    [InlineData("sk-ws-x", nameof(KeyKind.Workspace))]
    [InlineData("sk-x", nameof(KeyKind.ModelStudio))]
    [InlineData("sk-spx", nameof(KeyKind.ModelStudio))]
    [InlineData("st-x", nameof(KeyKind.Temporary))]
    [InlineData("SK-x", nameof(KeyKind.Login))]
    [InlineData("eyJhbGciOi", nameof(KeyKind.Login))]
    [InlineData("", nameof(KeyKind.Login))]
    public void KindOf_Secret_IsToldByItsPrefix(string secret, string expected)
    {
        Assert.Equal(expected, EndpointCatalogue.KindOf(secret).ToString());
    }

    [Theory]
    [InlineData("sk-" + Hex, true)]
    [InlineData("sk-" + Hex + "0", false)]
    [InlineData("sk-0123456789abcdef0123456789ABCDEX", false)]
    [InlineData("sk-sp-89abcdef0123456789ABCDEF01234567", false)]
    [InlineData("st-" + Hex, false)]
    public void IsClassicKey_Secret_NeedsTheWholeForm(string secret, bool expected)
    {
        Assert.Equal(expected, EndpointCatalogue.IsClassicKey(secret));
    }
}
