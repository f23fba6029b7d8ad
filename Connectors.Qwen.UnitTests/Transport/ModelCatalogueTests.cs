using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Connectors.Qwen.Transport;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Transport;

public class ModelCatalogueTests
{
    private const string Authorization = "Bearer " + RawClient.Secret;
    private const string Continues = """{"model":"m","features":["cache","prefix-completion"]}""";
    private const string ContinuesNot = """{"model":"m","features":["cache"]}""";

    private static readonly Uri Endpoint = new("https://qwen.example/compatible-mode/v1");
    private static readonly ModelFeatures Yes = new(ContinuesPrefix: true);
    private static readonly ModelFeatures No = new(ContinuesPrefix: false);

    // Real time, and only to fail instead of hanging.
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData("https://gateway.example/v1"), InlineData("https://gateway.example/teams/qwen/v1")]
    public async Task FindAsync_EndpointOfAnotherShape_HasNoCatalogueAndSeesNoKey(string endpoint)
    {
        var handler = new ScriptedHandler(() => Page(1, Continues));

        Assert.Null(await FindAsync(handler, new Uri(endpoint)));
        Assert.Empty(handler.Requests);
    }

    [Theory]
    [InlineData("https://qwen.example/compatible-mode/v1", "https://qwen.example")]
    [InlineData("https://qwen.example/compatible-mode/v1/", "https://qwen.example")]
    [InlineData("https://qwen.example:8443/teams/a/compatible-mode/v1?x=1", "https://qwen.example:8443/teams/a")]
    [InlineData("http://127.0.0.1:5000/compatible-mode/v1", "http://127.0.0.1:5000")]
    public async Task FindAsync_AsksTheRootOfTheHost(string endpoint, string root)
    {
        var handler = new ScriptedHandler(() => Page(1, Continues));

        Assert.Equal(Yes, await FindAsync(handler, new Uri(endpoint)));

        Assert.Equal($"GET {root}/api/v1/models?page_no=1&page_size=100", handler.Request.Line);
        Assert.Equal(Authorization, handler.Request.Headers["Authorization"]);
        Assert.Equal("application/json", handler.Request.Headers["Accept"]);
        Assert.Equal("gzip, br", handler.Request.Headers["Accept-Encoding"]);
        Assert.StartsWith("Connectors.Qwen", handler.Request.Headers["User-Agent"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"m","features":["prefix-completion"]}""", true)]
    [InlineData("""{"features":[null,1,{},"prefix-completion"],"model":"m","prices":[{"x":[1]}],"name":7}""", true)]
    [InlineData("""{"model":"m","features":["\ud83d","prefix-completion"]}""", true)]
    [InlineData("""{"model":"m","features":["Prefix-Completion","prefix-completion "]}""", false)]
    [InlineData("""{"model":"m","features":"prefix-completion"}""", false)]
    [InlineData("""{"model":"m","features":{"prefix-completion":true}}""", false)]
    [InlineData("""{"model":"m","features":null}""", false)]
    [InlineData("""{"model":"m"}""", false)]
    public async Task FindAsync_ListedModel_HasTheFeaturesThatAreListed(string entry, bool continues)
    {
        var handler = new ScriptedHandler(() => Page(1, entry));

        Assert.Equal(new ModelFeatures(continues), await FindAsync(handler));
    }

    [Fact]
    public async Task FindAsync_StrangeEntries_AreSteppedOver()
    {
        const string Other = """{"model":"M","features":["prefix-completion"]}""";
        var handler = new ScriptedHandler(() =>
            Page(9, "null", "7", "\"m\"", "[]", "{}", """{"model":null}""", """{"model":1}""", Other, ContinuesNot)
        );

        Assert.Equal(No, await FindAsync(handler));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"output":null}""")]
    [InlineData("""{"output":[]}""")]
    [InlineData("""{"output":{"total":1}}""")]
    [InlineData("""{"output":{"total":1,"models":null}}""")]
    [InlineData("""{"output":{"total":1,"models":{"model":"m"}}}""")]
    [InlineData("""{"object":"list","data":[{"id":"m"}]}""")]
    [InlineData("""{"output":{"total":1,"models":[{"model":"m","features":["prefix-completion"]}""")]
    [InlineData("<html>m</html>")]
    public async Task FindAsync_NoCatalogue_IsNothing(string body)
    {
        var handler = new ScriptedHandler(() => Answers.Json(body));

        Assert.Null(await FindAsync(handler));
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task FindAsync_NoSuccess_IsNothing_WhateverTheBodySays(HttpStatusCode status)
    {
        var handler = new ScriptedHandler(() => Answers.Json(Body("1", Continues), status));

        Assert.Null(await FindAsync(handler));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task FindAsync_AnswerOfAnotherHost_IsNothing()
    {
        var handler = new ScriptedHandler(() =>
        {
            var response = Page(1, Continues);
            response.RequestMessage = new HttpRequestMessage(HttpMethod.Get, "https://other.example/api/v1/models");
            return response;
        });

        Assert.Null(await FindAsync(handler));
    }

    public static TheoryData<Exception> Failures =>
        new()
        {
            new HttpRequestException("refused"),
            new IOException("reset"),
            new TaskCanceledException("the HttpClient's own clock"),
            new InvalidOperationException("a handler of the host's"),
        };

    [Theory, MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task FindAsync_Failure_IsNothing(Exception failure)
    {
        Assert.Null(await FindAsync(new ScriptedHandler().Then(failure)));
    }

    [Fact]
    public async Task FindAsync_BrokenBody_IsNothing()
    {
        var bytes = Encoding.UTF8.GetBytes(Body("1", Continues));
        var handler = new ScriptedHandler(() =>
            WithBody(new PiecewiseStream(bytes[..^3], 5, new IOException("reset")))
        );

        Assert.Null(await FindAsync(handler));
    }

    [Fact]
    public async Task FindAsync_CompressedPage_IsRead_AndADamagedOneIsNothing()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Body("1", Continues)), Token);
        }

        var good = packed.ToArray();
        var damaged = (byte[])good.Clone();
        damaged.AsSpan(10, 8).Fill(0xFF);

        Assert.Equal(Yes, await FindAsync(Compressed(good)));
        Assert.Null(await FindAsync(Compressed(damaged)));

        static ScriptedHandler Compressed(byte[] body) =>
            new(() => Answers.Bytes(body, "application/json").With("Content-Encoding", "gzip"));
    }

    [Theory, InlineData(0, true), InlineData(1, false)]
    public async Task FindAsync_PageIsBounded(int excess, bool isRead)
    {
        var body = Body("1", Continues).PadRight(ModelCatalogue.MaxPageBytes + excess);
        var handler = new ScriptedHandler(() => Answers.Json(body));

        Assert.Equal(isRead ? Yes : null, await FindAsync(handler));
    }

    // The total as the server writes it, how many models are on each page, and how many pages are asked for.
    [Theory]
    [InlineData("201", "100 100 1", 3)]
    [InlineData("200", "100 100 1", 2)]
    [InlineData("\"201\"", "100 100 1", 3)]
    [InlineData("12", "5 5 2 1", 3)]
    [InlineData("null", "100 100 99 1", 3)]
    [InlineData("null", "100 100 0 1", 3)]
    [InlineData("\"many\"", "99 1", 1)]
    [InlineData("500", "100 0 1", 2)]
    [InlineData("0", "100 1", 1)]
    public async Task FindAsync_PagesAreFollowedToTheLast(string total, string counts, int asked)
    {
        var handler = new ScriptedHandler();
        foreach (var count in counts.Split(' '))
        {
            var models = Others(int.Parse(count, CultureInfo.InvariantCulture));
            handler.Then(() => Answers.Json(Body(total, models)));
        }

        Assert.Null(await FindAsync(handler));
        Assert.Equal(
            Enumerable.Range(1, asked).Select(static n => $"page_no={n}&"),
            handler.Requests.Select(static r =>
                r.Line[
                    r.Line.IndexOf("page_no", StringComparison.Ordinal)..r.Line.IndexOf(
                        "page_size",
                        StringComparison.Ordinal
                    )
                ]
            )
        );
    }

    [Fact]
    public async Task FindAsync_ModelOnALaterPage_IsFound_AndNoFurtherPageIsAskedFor()
    {
        var handler = new ScriptedHandler(
            static () => Answers.Json(Body("300", Others(100))),
            static () => Answers.Json(Body("300", [.. Others(99), Continues]))
        );

        Assert.Equal(Yes, await FindAsync(handler));
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task FindAsync_CatalogueWithoutEnd_IsLeftAfterTenPages()
    {
        var handler = new ScriptedHandler(static () => Answers.Json(Body("1000000", Others(100))));

        Assert.Null(await FindAsync(handler));
        Assert.Equal(10, handler.Requests.Count);
    }

    [Fact]
    public async Task FindAsync_Time_IsForAllPagesTogether()
    {
        var time = new ManualTime();
        var handler = new ScriptedHandler(() =>
        {
            time.Advance(TimeSpan.FromSeconds(9));
            return Answers.Json(Body("300", Others(100)));
        });
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        handler.Then(async token =>
        {
            second.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return Page(1, Continues);
        });

        var finding = FindAsync(handler, time: time);
        await second.Task.WaitAsync(Guard, Token);
        Assert.False(finding.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await finding.WaitAsync(Guard, Token));
    }

    [Fact]
    public async Task FindAsync_BodyThatStalls_IsLeft()
    {
        var time = new ManualTime();
        var stalled = new StalledStream("""{"output":"""u8.ToArray());
        var finding = FindAsync(new ScriptedHandler(() => WithBody(stalled)), time: time);

        await stalled.Stalled.WaitAsync(Guard, Token);
        time.Advance(ModelCatalogue.Patience);

        Assert.Null(await finding.WaitAsync(Guard, Token));
    }

    [Fact]
    public async Task FindAsync_Cancelled_ThrowsWithTheCallersToken()
    {
        using var caller = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler().Then(async token =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return Page(1, Continues);
        });

        var finding = FindAsync(handler, cancellationToken: caller.Token);
        await asked.Task.WaitAsync(Guard, Token);
        await caller.CancelAsync();

        var e = await Assert.ThrowsAsync<OperationCanceledException>(() => finding.WaitAsync(Guard, Token));
        Assert.Equal(caller.Token, e.CancellationToken);
    }

    private static Task<ModelFeatures?> FindAsync(
        ScriptedHandler handler,
        Uri? endpoint = null,
        TimeProvider? time = null,
        CancellationToken? cancellationToken = null
    )
    {
        var catalogue = new ModelCatalogue(handler.CreateClient(), time);
        return catalogue.FindAsync(RawClient.Facts(endpoint ?? Endpoint), "m", cancellationToken ?? Token);
    }

    private static HttpResponseMessage Page(int total, params string[] models)
    {
        return Answers.Json(Body(total.ToString(CultureInfo.InvariantCulture), models));
    }

    private static string Body(string total, params string[] models)
    {
        return $$"""
            {"output":{"total":{{total}},"page_no":1,"page_size":100,"models":[{{string.Join(
                ',',
                models
            )}}]},"request_id":"U"}
            """;
    }

    private static string[] Others(int count)
    {
        return [.. Enumerable.Range(0, count).Select(static n => $$"""{"model":"other-{{n}}","features":[]}""")];
    }

    private static HttpResponseMessage WithBody(Stream body)
    {
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
    }
}
