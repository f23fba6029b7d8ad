using System.Net;
using Connectors.Qwen.Client;
using Connectors.Qwen.Transport;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.UnitTests.Client.Models;

public sealed class QwenModelCatalogueTests
{
    private const string Whole = """
        {"model":"m","name":"M","description":"All there is.","provider":"qwen","capabilities":["TG","VU"],
        "features":["function-calling","prefix-completion"],"prices":[{"unit":1}],"equivalent_snapshot":"m-2026",
        "inference_metadata":{"request_modality":["Text","Image"],"response_modality":["Text"]},
        "model_info":{"context_window":1000000,"max_input_tokens":991808,"max_output_tokens":65536,"max_reasoning_tokens":81920,
        "reasoning_max_input_tokens":"983616","reasoning_max_output_tokens":32768}}
        """;

    // Real time, and only to fail instead of hanging.
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAsync_ListedModel_TellsWhatItsEntrySays()
    {
        var info = await Over(Page(Whole)).FindAsync("m", Token);

        Assert.Equal(("m", "M", "All there is.", "m"), (info!.Id, info.Name, info.Description, info.ToString()));
        Assert.Equal(["TG", "VU"], info.Capabilities);
        Assert.Equal(["function-calling", "prefix-completion"], info.Features);
        Assert.Equal(["Text", "Image"], info.InputModalities);
        Assert.Equal(["Text"], info.OutputModalities);
        Assert.Equal(
            (1_000_000, 991_808, 65_536, 81_920, 983_616, 32_768),
            (
                info.ContextWindow,
                info.MaxInputTokens,
                info.MaxOutputTokens,
                info.MaxReasoningTokens,
                info.MaxInputTokensWithReasoning,
                info.MaxOutputTokensWithReasoning
            )
        );
        Assert.Equal(983_616, info.SafeInputTokens);
        Assert.Equal("m-2026", info.Json.GetProperty("equivalent_snapshot").GetString());
    }

    [Theory]
    [InlineData("""{"model":"m"}""", null)]
    [InlineData("""{"model":"m","name":7,"features":{},"model_info":[],"inference_metadata":"x"}""", null)]
    [InlineData(
        """{"model":"m","features":[1,null],"model_info":{"context_window":1.5,"max_input_tokens":null}}""",
        null
    )]
    [InlineData("""{"model":"m","model_info":{"context_window":"many","max_input_tokens":0}}""", null)]
    [InlineData("""{"model":"m","model_info":{"context_window":131072}}""", 131072L)]
    public async Task FindAsync_EntryThatSaysLittle_IsNullOrEmpty(string entry, long? safe)
    {
        var info = await Over(Page(entry)).FindAsync("m", Token);

        Assert.Equal((null, null), (info!.Name, info.MaxOutputTokens));
        Assert.Empty(
            info.Capabilities.Concat(info.Features).Concat(info.InputModalities).Concat(info.OutputModalities)
        );
        Assert.Equal(safe, info.SafeInputTokens);
    }

    [Fact]
    public async Task ListAsync_ManyPages_AreOneList()
    {
        var handler = new ScriptedHandler(
            static () => Answers.Json(Body(4, """{"model":"a"},null,7""")),
            static () => Answers.Json(Body(4, """{"model":"b"}"""))
        );

        var models = await Over(handler).ListAsync(Token);

        Assert.Equal(["a", "b"], models.Select(static model => model.Id));
        Assert.Null(await Over(Page(Whole)).FindAsync("M", Token));
    }

    [Fact]
    public async Task ListAsync_EndpointWithoutACatalogue_IsEmpty()
    {
        var missing = new ScriptedHandler(static () => Answers.Text("", null, HttpStatusCode.NotFound));
        var gateway = Page(Whole);

        Assert.Empty(await Over(missing).ListAsync(Token));
        Assert.Empty(await Over(gateway, endpoint: "https://gateway.example/v1").ListAsync(Token));
        Assert.Empty(gateway.Requests);
    }

    public static TheoryData<QwenFailureKind, Func<HttpResponseMessage>> Failures =>
        new()
        {
            {
                Authentication,
                static () =>
                    Answers.Json("""{"code":"InvalidApiKey","message":"Invalid."}""", HttpStatusCode.Unauthorized)
            },
            { RateLimited, static () => Answers.Json("{}", HttpStatusCode.TooManyRequests) },
            { ServerError, static () => Answers.Text("no", "text/plain", HttpStatusCode.BadGateway) },
            { Protocol, static () => Answers.Text("<html>", "text/html", HttpStatusCode.OK) },
            { Protocol, static () => Answers.Json("""{"object":"list","data":[]}""") },
            { Protocol, static () => Answers.Json(Body(1, Whole).PadRight(ModelCatalogue.MaxPageBytes + 1)) },
            { Protocol, static () => Answers.Json(Body(1, Whole)).With("Content-Encoding", "zstd") },
            { Protocol, static () => Elsewhere() },
            { Connection, static () => throw new HttpRequestException("refused") },
            { Connection, static () => throw new IOException("reset") },
            { RequestTimeout, static () => throw new TaskCanceledException("a clock of the HttpClient") },
        };

    [Theory, MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task ListAsync_Failure_IsTypedAndNotKept(QwenFailureKind kind, Func<HttpResponseMessage> answer)
    {
        var handler = new ScriptedHandler(answer, static () => Answers.Json(Body(1, Whole)));
        var catalogue = Over(handler);

        var failure = await Assert.ThrowsAnyAsync<QwenException>(() => catalogue.ListAsync(Token));
        var models = await catalogue.ListAsync(Token);

        Assert.Equal(kind, failure.Kind);
        Assert.Equal("qwen.example", failure.Endpoint!.Host);
        Assert.DoesNotContain(RawClient.Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.Single(models);
    }

    [Fact]
    public async Task ListAsync_Answer_IsKeptForAnHour()
    {
        var time = new ManualTime();
        var handler = Page(Whole);
        var catalogue = Over(handler, time);

        await catalogue.ListAsync(Token);
        time.Advance(TimeSpan.FromMinutes(59));
        await catalogue.FindAsync("m", Token);
        Assert.Single(handler.Requests);

        time.Advance(TimeSpan.FromMinutes(1));
        await catalogue.FindAsync("m", Token);
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_AnotherEndpoint_IsReadAnew()
    {
        var handler = Page(Whole);
        var login = new MovingLogin { Endpoint = new("https://a.example/compatible-mode/v1") };
        var router = new RequestRouter(new QwenClientOptions { ModelId = "m" }, login, NullLogger.Instance);
        var catalogue = new QwenModelCatalogue(router, new(handler.CreateClient()), TimeProvider.System);

        await catalogue.ListAsync(Token);
        login.Endpoint = new("https://b.example/compatible-mode/v1");
        await catalogue.ListAsync(Token);

        Assert.Equal(
            ["a.example", "b.example"],
            handler.Requests.Select(static sent => new Uri(sent.Line.Split(' ')[1]).Host)
        );
    }

    [Fact]
    public async Task ListAsync_AnotherAccount_DoesNotSeeTheFirstOnesModels()
    {
        var key = "sk-a";
        var handler = new ScriptedHandler(
            static () => Answers.Json(Body(1, """{"model":"a"}""")),
            static () => Answers.Json(Body(1, """{"model":"b"}"""))
        );
        var router = new RequestRouter(
            new QwenClientOptions { ModelId = "m", Endpoint = new("https://a.example/compatible-mode/v1") },
            new ApiKeyCredentialProvider(() => key),
            NullLogger.Instance
        );
        var catalogue = new QwenModelCatalogue(router, new(handler.CreateClient()), TimeProvider.System);

        var seen = new List<string>();
        foreach (var account in new[] { "sk-a", "sk-b", "sk-a", "sk-b" })
        {
            key = account;
            seen.Add((await catalogue.ListAsync(Token)).Single().Id);
        }

        Assert.Equal(["a", "b", "a", "b"], seen);
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_EndlesslyManyAccounts_TheOldestIsForgotten()
    {
        var time = new ManualTime();
        var key = 0;
        var handler = Page(Whole);
        var router = new RequestRouter(
            new QwenClientOptions { ModelId = "m", Endpoint = new("https://a.example/compatible-mode/v1") },
            new ApiKeyCredentialProvider(() => $"sk-{key}"),
            NullLogger.Instance
        );
        var catalogue = new QwenModelCatalogue(router, new(handler.CreateClient()), time);
        for (key = 0; key <= QwenModelCatalogue.MaxEntries; key++)
        {
            await catalogue.ListAsync(Token);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        key = QwenModelCatalogue.MaxEntries;
        await catalogue.ListAsync(Token);
        Assert.Equal(QwenModelCatalogue.MaxEntries + 1, handler.Requests.Count);
        key = 0;
        await catalogue.ListAsync(Token);
        Assert.Equal(QwenModelCatalogue.MaxEntries + 2, handler.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_ManyAtOnce_ReadOnce_AndWhoLeavesTakesNothingAlong()
    {
        using var leaving = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler().Then(async _ =>
        {
            asked.SetResult();
            await answer.Task;
            return Answers.Json(Body(1, Whole));
        });
        var catalogue = Over(handler);

        var first = catalogue.ListAsync(leaving.Token);
        await asked.Task.WaitAsync(Guard, Token);
        var others = Enumerable.Range(0, 10).Select(_ => catalogue.FindAsync("m", Token)).ToArray();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Guard, Token));
        answer.SetResult();

        Assert.All(await Task.WhenAll(others).WaitAsync(Guard, Token), static info => Assert.Equal("m", info!.Id));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task ListAsync_CatalogueThatDoesNotCome_IsATimeout()
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler().Then(async token =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return Answers.Json(Body(1, Whole));
        });

        var listing = Over(handler, time).ListAsync(Token);
        await asked.Task.WaitAsync(Guard, Token);
        time.Advance(ModelCatalogue.Patience);

        var failure = await Assert.ThrowsAsync<QwenException>(() => listing.WaitAsync(Guard, Token));
        Assert.Equal(RequestTimeout, failure.Kind);
        Assert.Contains("within 10 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAsync_WithoutAnId_NamesTheParameter()
    {
        var catalogue = Over(Page(Whole));

        foreach (var id in (string?[])[null, "", " "])
        {
            var failure = await Assert.ThrowsAnyAsync<ArgumentException>(() => catalogue.FindAsync(id!, Token));
            Assert.Equal("modelId", failure.ParamName);
        }
    }

    [Fact]
    public async Task GetService_OfThePipeline_GivesTheCatalogue()
    {
        var handler = Page(Whole);
        using var client = QwenPipeline.CreateChatClient(
            new QwenOptions { ModelId = "m", Endpoint = new("https://qwen.example/compatible-mode/v1") },
            new ApiKeyCredentialProvider(RawClient.Secret),
            handler.CreateClient()
        );

        var info = await client.GetService<QwenModelCatalogue>()!.FindAsync("m", Token);

        Assert.Equal("M", info!.Name);
        Assert.Equal("Bearer " + RawClient.Secret, handler.Request.Headers["Authorization"]);
        Assert.StartsWith("Connectors.Qwen", handler.Request.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.Same(client.GetService<QwenModelCatalogue>(), client.GetService<QwenModelCatalogue>());
    }

    private static QwenModelCatalogue Over(
        ScriptedHandler handler,
        TimeProvider? time = null,
        string endpoint = "https://qwen.example/compatible-mode/v1"
    )
    {
        var router = new RequestRouter(
            new QwenClientOptions { ModelId = "m", Endpoint = new Uri(endpoint) },
            new ApiKeyCredentialProvider(RawClient.Secret),
            NullLogger.Instance
        );
        return new(router, new(handler.CreateClient(), time), time ?? TimeProvider.System);
    }

    private static ScriptedHandler Page(string entry)
    {
        return new ScriptedHandler(() => Answers.Json(Body(1, entry)));
    }

    private static string Body(int total, string entries)
    {
        return $$"""{"success":true,"output":{"total":{{total}},"models":[{{entries}}]},"request_id":"U"}""";
    }

    private static HttpResponseMessage Elsewhere()
    {
        var response = Answers.Json(Body(1, Whole));
        response.RequestMessage = new HttpRequestMessage(HttpMethod.Get, "https://other.example/api/v1/models");
        return response;
    }

    // A login that names another endpoint from one call to the next.
    private sealed class MovingLogin : IQwenCredentialProvider
    {
        public required Uri Endpoint { get; set; }

        public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
        {
            return new(new QwenCredential(RawClient.Secret, endpoint: Endpoint));
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
