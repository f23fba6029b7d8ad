using System.Globalization;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>The simulator's catalogue of models, read plainly and by the library.</summary>
public sealed class ModelCatalogueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_ListsTheModelsWithTheirFeatures()
    {
        await using var plain = await StartAsync(
            new QwenSimulatedModel { Id = "plain" },
            new QwenSimulatedModel { Id = "stubborn", RefusesPartialMode = true },
            new QwenSimulatedModel { Id = "thinker", ThinkingOnly = true },
            new QwenSimulatedModel { Id = "hybrid", ThinksByDefault = true }
        );

        var (status, json) = await plain.ListModelsAsync("?page_no=1&page_size=100");

        Assert.Equal(200, status);
        Assert.Equal(["output", "request_id"], json.Select(static member => member.Key));
        var output = json["output"]!.AsObject();
        Assert.Equal(["total", "page_no", "page_size", "models"], output.Select(static member => member.Key));
        Assert.Equal((4, 1, 100), ((int)output["total"]!, (int)output["page_no"]!, (int)output["page_size"]!));
        Assert.Equal(
            [("plain", true), ("stubborn", false), ("thinker", false), ("hybrid", true)],
            output["models"]!
                .AsArray()
                .Select(static m => ((string)m!["model"]!, Names(m, "features", "prefix-completion")))
        );
        Assert.Equal(
            [false, false, true, true],
            output["models"]!.AsArray().Select(static m => Names(m!, "capabilities", "Reasoning"))
        );
    }

    [Fact]
    public async Task Catalogue_OfTheWholePipeline_ReadsTheSimulators()
    {
        await using var setup = await Testing.Setup.StartAsync(static options =>
            options.Models.Add(
                new()
                {
                    Id = "measured",
                    ContextWindow = 1_000_000,
                    MaxInputTokens = 983_616,
                    MaxOutputTokens = 65_536,
                }
            )
        );
        var catalogue = setup.Pipeline().GetService<QwenModelCatalogue>()!;

        var measured = await catalogue.FindAsync("measured", Token);
        var unmeasured = await catalogue.FindAsync("qwq-plus", Token);

        Assert.Equal(
            (1_000_000, 983_616, 65_536, 983_616),
            (measured!.ContextWindow, measured.MaxInputTokens, measured.MaxOutputTokens, measured.SafeInputTokens)
        );
        Assert.Contains("prefix-completion", measured.Features);
        Assert.Equal(["Text"], measured.InputModalities);
        Assert.Equal((null, null), (unmeasured!.ContextWindow, unmeasured.SafeInputTokens));
        Assert.Null(await catalogue.FindAsync("nobody", Token));
        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task Catalogue_WithAKeyThatIsNotKnown_SaysSo()
    {
        await using var setup = await Testing.Setup.StartAsync();
        var catalogue = setup
            .Pipeline(static options => options.ApiKey = "sk-unknown")
            .GetService<QwenModelCatalogue>()!;

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => catalogue.ListAsync(Token));
    }

    [Theory]
    [InlineData("", "0 1 2 3 4 5 6 7 8 9")]
    [InlineData("?page_size=5&page_no=1", "0 1 2 3 4")]
    [InlineData("?page_size=5&page_no=3&capabilities=TG", "10 11")]
    [InlineData("?page_size=5&page_no=4", "")]
    [InlineData("?page_size=100&page_no=2147483647", "")]
    public async Task Pages_FollowEachOther(string query, string expected)
    {
        await using var plain = await StartAsync(Numbered(12));

        var (status, json) = await plain.ListModelsAsync(query);

        Assert.Equal(200, status);
        Assert.Equal(12, (int)json["output"]!["total"]!);
        Assert.Equal(
            expected,
            string.Join(' ', json["output"]!["models"]!.AsArray().Select(static m => (string)m!["model"]!))
        );
    }

    [Theory]
    [InlineData("?page_no=0")]
    [InlineData("?page_no=-1")]
    [InlineData("?page_no=x")]
    [InlineData("?page_size=0")]
    [InlineData("?page_size=101")]
    [InlineData("?page_size=")]
    public async Task Page_OutOfRange_IsRefused(string query)
    {
        await using var plain = await PlainHttp.StartAsync();

        AssertNative(await plain.ListModelsAsync(query), 400, "InvalidParameter");
    }

    [Fact]
    public async Task Credential_IsChecked_AndEveryKindIsGood()
    {
        await using var plain = await PlainHttp.StartAsync();
        var temporary = (string)(await plain.MintAsync()).Json["token"]!;

        AssertNative(await plain.ListModelsAsync(key: null), 401, "InvalidApiKey");
        AssertNative(await plain.ListModelsAsync(key: "sk-unknown"), 401, "InvalidApiKey");
        Assert.Equal(200, (await plain.ListModelsAsync(key: temporary)).Status);
        Assert.Equal(200, (await plain.ListModelsAsync(key: plain.Qwen.Tokens.Issue().AccessToken)).Status);
        Assert.Equal(4, plain.Qwen.Journal.ModelCatalogueRequests.Count);
        Assert.Empty(plain.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task Id_ListedTwice_IsTheLastEntry()
    {
        await using var plain = await StartAsync(
            new QwenSimulatedModel { Id = "a" },
            new QwenSimulatedModel { Id = "b" },
            new QwenSimulatedModel { Id = "a", RefusesPartialMode = true }
        );

        var models = (await plain.ListModelsAsync()).Json["output"]!["models"]!.AsArray();

        Assert.Equal(
            [("a", false), ("b", true)],
            models.Select(static m => ((string)m!["model"]!, Names(m, "features", "prefix-completion")))
        );
    }

    [Fact]
    public async Task Script_OfTheCatalogue_IsItsOwn()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.ModelCatalogueScript.Enqueue(
            QwenBehavior.NativeError(429, "Throttling.RateQuota", "Requests rate limit exceeded."),
            QwenBehavior.ResetBeforeHeaders()
        );

        AssertNative(await plain.ListModelsAsync(), 429, "Throttling.RateQuota");
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.ListModelsAsync());
        Assert.Equal(200, (await plain.ListModelsAsync()).Status);
    }

    [Fact]
    public async Task Library_FindsModels_OnAnyPage()
    {
        await using var plain = await StartAsync([
            .. Numbered(230),
            new QwenSimulatedModel { Id = "stubborn", RefusesPartialMode = true },
        ]);
        using var http = HttpHandlerSpecification.CreateClient();

        Task<ModelFeatures?> Find(string model) => FindAsync(http, plain, model);

        Assert.Equal(new ModelFeatures(ContinuesPrefix: true), await Find("7"));
        Assert.Single(plain.Qwen.Journal.ModelCatalogueRequests);
        Assert.Equal(new ModelFeatures(ContinuesPrefix: true), await Find("229"));
        Assert.Equal(new ModelFeatures(ContinuesPrefix: false), await Find("stubborn"));
        plain.Qwen.Journal.Clear();
        Assert.Null(await Find("230"));
        Assert.Equal(
            ["1", "2", "3"],
            plain.Qwen.Journal.ModelCatalogueRequests.Select(static exchange => exchange.Request.Query["page_no"])
        );
    }

    [Fact]
    public async Task Library_KnowsNothing_WhenTheCatalogueFails()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.ModelCatalogueScript.Enqueue(
            QwenBehavior.NativeError(503, "ServiceUnavailable", "busy"),
            QwenBehavior.Status(200, "<html></html>", "text/html"),
            QwenBehavior.ResetBeforeHeaders(),
            QwenBehavior.ResetAfter(0)
        );

        // A new client for each: a kept connection that was reset is tried once more, and would take two from the script.
        async Task<ModelFeatures?> Find(string secret = QwenSimulatorOptions.DefaultApiKey)
        {
            using var http = HttpHandlerSpecification.CreateClient();
            return await FindAsync(http, plain, "qwen3-max", secret);
        }

        for (var remaining = 3; remaining >= 0; remaining--)
        {
            Assert.Null(await Find());
            Assert.Equal(remaining, plain.Qwen.ModelCatalogueScript.Remaining);
        }

        Assert.Null(await Find("sk-unknown"));
        Assert.Equal(new ModelFeatures(ContinuesPrefix: true), await Find());
    }

    private static Task<ModelFeatures?> FindAsync(
        HttpClient http,
        PlainHttp plain,
        string model,
        string secret = QwenSimulatorOptions.DefaultApiKey
    )
    {
        var facts = new RequestFacts
        {
            Endpoint = plain.Qwen.Endpoint,
            Address = plain.Qwen.Endpoint,
            Secret = secret,
            Authorization = "Bearer " + secret,
            CredentialHandle = plain,
        };
        return new ModelCatalogue(http).FindAsync(facts, model, Token);
    }

    private static Task<PlainHttp> StartAsync(params QwenSimulatedModel[] models)
    {
        return PlainHttp.StartAsync(options =>
        {
            options.Models.Clear();
            Array.ForEach(models, options.Models.Add);
        });
    }

    private static QwenSimulatedModel[] Numbered(int count)
    {
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(static n => new QwenSimulatedModel { Id = n.ToString(CultureInfo.InvariantCulture) }),
        ];
    }

    private static bool Names(JsonNode model, string list, string item)
    {
        return model[list]!.AsArray().Any(one => (string)one! == item);
    }

    private static void AssertNative((int Status, JsonObject Json) answer, int status, string code)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal(["code", "message", "request_id"], answer.Json.Select(static member => member.Key));
        Assert.Equal(code, (string)answer.Json["code"]!);
    }
}
