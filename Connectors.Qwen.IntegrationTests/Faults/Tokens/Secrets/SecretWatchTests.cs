using System.Diagnostics;
using System.Diagnostics.Metrics;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Secrets;

/// <summary>The search for secrets finds what it should find, and what public objects say of themselves.</summary>
[Collection(nameof(Alone))]
public sealed class SecretWatchTests
{
    private const string Secret = "planted-secret-0123456789-abcdefghij-planted-end";

    public static TheoryData<string> Hidings =>
        [
            "log text",
            "log state",
            "log scope",
            "logged exception",
            "thrown exception",
            "inner exception",
            "exception data",
            "exception property",
            "activity tag",
            "activity event",
            "metric tag",
            "ToString",
            "debugger",
            "beginning",
            "end",
            "simulated token",
        ];

    [Theory, MemberData(nameof(Hidings))]
    public void A24_PlantedSecret_IsFound(string hiding)
    {
        using var watch = new SecretWatch();
        watch.AddSecret(Secret);

        Plant(hiding, watch);

        Assert.NotEmpty(watch.Findings());
    }

    [Fact]
    public void A24_NothingPlanted_NothingIsFound()
    {
        using var watch = new SecretWatch();
        watch.AddSecret(Secret);

        Plant("nothing", watch);
        new RecordingLogger().Log(LogLevel.Error, new InvalidOperationException("harmless"), "{What}", "harmless");

        Assert.Empty(watch.Findings());
        Assert.True(watch.Seen >= 3);
    }

    [Fact]
    public void A24_PublicObjects_ShowNoSecret()
    {
        using var watch = new SecretWatch();
        watch.AddSecret(Secret);
        var credential = new QwenCredential(Secret, null, "refresh " + Secret);
        var oauth = new QwenOAuthOptions { CredentialsPath = "file" };
        var key = new ApiKeyCredentialProvider(Secret);
        using var login = new OAuthCredentialProvider(oauth, new InMemoryCredentialStore(credential));
        using var temporary = new TemporaryKeyCredentialProvider(key);
        using var asked = new DelegateCredentialProvider(_ => new(credential));
        var options = new QwenOptions { ModelId = "qwen3-max", ApiKey = Secret };
        using var client = QwenPipeline.CreateChatClient(options, login);
        object[] objects =
        [
            credential,
            oauth,
            key,
            login,
            temporary,
            asked,
            options,
            client,
            new InMemoryCredentialStore(credential),
            new FileCredentialStore("file"),
        ];

        foreach (var thing in objects)
        {
            watch.See(thing.GetType().Name, thing);
            // What the debugger would unfold below that line.
            foreach (var property in thing.GetType().GetProperties())
            {
                var browsable = property.GetCustomAttributes(typeof(DebuggerBrowsableAttribute), false);
                if (browsable.Length == 0 && property.GetIndexParameters().Length == 0)
                {
                    watch.See($"{thing.GetType().Name}.{property.Name}", property.GetValue(thing)?.ToString());
                }
            }
        }

        Assert.Empty(watch.Findings());
    }

    private static void Plant(string hiding, SecretWatch watch)
    {
        var logs = new RecordingLogger();
        switch (hiding)
        {
            case "log text":
                logs.LogInformation("Text {What}", Secret);
                break;
            case "log state":
                logs.Log(
                    LogLevel.Information,
                    default,
                    new Dictionary<string, object?> { ["what"] = Secret },
                    null,
                    static (_, _) => "harmless"
                );
                break;
            case "log scope":
                using (logs.BeginScope(new Dictionary<string, object?> { ["what"] = Secret })) { }

                break;
            case "logged exception":
                logs.LogError(new InvalidOperationException(Secret), "harmless");
                break;
            case "thrown exception":
                Throw(new InvalidOperationException(Secret));
                break;
            case "inner exception":
                Throw(new InvalidOperationException("harmless", new IOException(Secret)));
                break;
            case "exception data":
                Throw(new InvalidOperationException("harmless") { Data = { ["what"] = Secret } });
                break;
            case "exception property":
                Throw(new QwenException(QwenFailureKind.Protocol, "harmless") { ServerMessage = Secret });
                break;
            case "activity tag":
            case "activity event":
                using (var source = new ActivitySource("planted"))
                using (var activity = source.StartActivity("planted"))
                {
                    _ =
                        hiding == "activity tag"
                            ? activity!.SetTag("what", Secret)
                            : activity!.AddEvent(new ActivityEvent("e", tags: new() { ["what"] = Secret }));
                }

                break;
            case "metric tag":
                using (var meter = new Meter("planted"))
                {
                    meter.CreateCounter<long>("planted").Add(1, new KeyValuePair<string, object?>("what", Secret));
                }

                break;
            case "ToString":
                watch.See("object", new Uri("https://host.example/" + Secret));
                break;
            case "debugger":
                watch.See("object", new Shown());
                break;
            case "beginning":
                logs.LogInformation("{What}...", Secret[..14]);
                break;
            case "end":
                logs.LogInformation("...{What}", Secret[^14..]);
                break;
            case "simulated token":
                logs.LogInformation("{What}", "refresh-0123456789abcdef");
                break;
        }
    }

    private static void Throw(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught) when (ReferenceEquals(caught, exception))
        {
            // Swallowed: that it was thrown is enough.
        }
    }

    [DebuggerDisplay("{What,nq}")]
    private sealed class Shown
    {
        public string What { get; } = Secret;

        public override string ToString()
        {
            return "harmless";
        }
    }
}
