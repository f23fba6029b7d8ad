using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>A simulator and a bare HttpClient: no client of ours stands in between.</summary>
internal sealed class PlainHttp : IAsyncDisposable
{
    public const string Verifier = "a-verifier-of-forty-three-characters-0123456";

    private readonly HttpClient _http = new(new SocketsHttpHandler());

    private PlainHttp(QwenSimulator qwen)
    {
        Qwen = qwen;
    }

    public QwenSimulator Qwen { get; }

    private Uri ChatAddress => new(Qwen.Endpoint + "/chat/completions");

    public static string Challenge { get; } =
        Convert
            .ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');

    public static async Task<PlainHttp> StartAsync(Action<QwenSimulatorOptions>? configure = null)
    {
        var options = new QwenSimulatorOptions();
        configure?.Invoke(options);
        return new PlainHttp(await QwenSimulator.StartAsync(options, TestContext.Current.CancellationToken));
    }

    /// <summary>The fields of a good request for a device code.</summary>
    public static Dictionary<string, string> DeviceFields()
    {
        return new Dictionary<string, string>
        {
            // Not the order of the documents, and a client id of nobody: both are fine.
            ["code_challenge_method"] = "S256",
            ["code_challenge"] = Challenge,
            ["scope"] = "openid profile email model.completion",
            ["client_id"] = "somebody",
        };
    }

    /// <summary>The fields of a good poll.</summary>
    public static Dictionary<string, string> PollFields(string deviceCode)
    {
        return new Dictionary<string, string>
        {
            ["code_verifier"] = Verifier,
            ["device_code"] = deviceCode,
            ["client_id"] = "somebody",
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code",
        };
    }

    public async Task<(string DeviceCode, string UserCode)> BeginLoginAsync()
    {
        var (status, json) = await PostFormAsync(Qwen.DeviceCodeEndpoint, DeviceFields());
        Assert.Equal(200, status);
        return ((string)json["device_code"]!, (string)json["user_code"]!);
    }

    public Task<(int Status, JsonObject Json)> PollAsync(string deviceCode)
    {
        return PostFormAsync(Qwen.TokenEndpoint, PollFields(deviceCode));
    }

    public Task<(int Status, JsonObject Json)> RefreshAsync(string refreshToken)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refreshToken,
            ["client_id"] = "somebody",
        };
        return PostFormAsync(Qwen.TokenEndpoint, fields);
    }

    public Task<(int Status, JsonObject Json)> PostFormAsync(Uri address, Dictionary<string, string> fields)
    {
        return PostAsync(address, null, new FormUrlEncodedContent(fields));
    }

    public Task<(int Status, JsonObject Json)> MintAsync(
        string? query = null,
        string? key = QwenSimulatorOptions.DefaultApiKey
    )
    {
        return PostAsync(new Uri(Qwen.TemporaryKeyEndpoint, query ?? ""), key, null);
    }

    public async Task<int> ChatAsync(string token)
    {
        const string Body = """{"model":"qwen3-max","messages":[{"role":"user","content":"Hello."}]}""";
        var content = new StringContent(Body, Encoding.UTF8, "application/json");
        return (await PostAsync(ChatAddress, token, content)).Status;
    }

    public Task<(int Status, JsonObject Json)> ChatAsync(JsonObject body)
    {
        return PostAsync(ChatAddress, QwenSimulatorOptions.DefaultApiKey, ContentOf(body));
    }

    /// <summary>The data of a streamed answer, without the end marker.</summary>
    public async Task<List<JsonObject>> StreamAsync(JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ChatAddress) { Content = ContentOf(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", QwenSimulatorOptions.DefaultApiKey);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var data = text.Split('\n').Where(static line => line.StartsWith("data:", StringComparison.Ordinal)).ToList();
        Assert.Equal("[DONE]", data[^1][5..].Trim());
        return [.. data.SkipLast(1).Select(static line => JsonNode.Parse(line[5..])!.AsObject())];
    }

    public Task<(int Status, JsonObject Json)> ListModelsAsync(
        string? query = null,
        string? key = QwenSimulatorOptions.DefaultApiKey
    )
    {
        return SendAsync(HttpMethod.Get, new Uri(Qwen.ModelCatalogueEndpoint, query ?? ""), key, null);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Qwen.DisposeAsync();
    }

    private static StringContent ContentOf(JsonObject body)
    {
        return new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private Task<(int Status, JsonObject Json)> PostAsync(Uri address, string? token, HttpContent? content)
    {
        return SendAsync(HttpMethod.Post, address, token, content);
    }

    private async Task<(int Status, JsonObject Json)> SendAsync(
        HttpMethod method,
        Uri address,
        string? token,
        HttpContent? content
    )
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(body)!.AsObject());
    }
}
