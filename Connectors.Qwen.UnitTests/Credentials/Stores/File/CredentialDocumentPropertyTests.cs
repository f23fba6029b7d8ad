using System.Text.Json.Nodes;
using Connectors.Qwen.Credentials;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

/// <summary>Whatever else is in a file, and whatever login is written into it, can be read back.</summary>
public class CredentialDocumentPropertyTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Secret = Gen.Char['!', '~'].Array[1, 40].Select(static c => new string(c));

    // The file holds milliseconds; later than when it was written, so that it is not taken for one of another clock.
    private static readonly Gen<DateTimeOffset?> Moment = Gen.Long[0, 1L << 40]
        .Select(static ms => (DateTimeOffset?)Begin.AddMilliseconds(ms))
        .OrNullAtTimes();

    private static readonly Gen<QwenCredential> Login = Gen.Select(Secret, Moment, Secret, Gen.Bool, Moment)
        .Select(
            static (token, end, refresh, hasRefresh, obtained) =>
                new QwenCredential(token, end, hasRefresh ? refresh : null, new Uri("https://portal.example/v1"))
                {
                    ObtainedAt = obtained ?? Begin,
                }
        );

    private static readonly Gen<JsonNode?> Value = Gen.OneOf(
        Gen.Long.Select(static n => (JsonNode?)JsonValue.Create(n)),
        Gen.Double.Where(double.IsFinite).Select(static n => (JsonNode?)JsonValue.Create(n)),
        Gen.Bool.Select(static b => (JsonNode?)JsonValue.Create(b)),
        Gen.String.AlphaNumeric.Select(static s => (JsonNode?)JsonValue.Create(s)),
        Gen.Const((JsonNode?)null)
    );

    private static readonly Gen<(string Name, JsonNode? Value)[]> Others = Gen.Select(
            Gen.String[Gen.Char['a', 'z'], 1, 6],
            Value
        )
        .Array[0, 8]
        .Select(static fields => fields.DistinctBy(f => f.Item1).Select(f => ("x-" + f.Item1, f.Item2)).ToArray());

    [Fact]
    public void A20_ParseOfWrite_KeepsTheLoginAndEverythingElse()
    {
        Gen.Select(Others, Login, Login)
            .Sample(
                (others, first, second) =>
                {
                    var document = CredentialDocument.Empty;
                    document.Set(first, Begin);
                    var fields = JsonNode.Parse(CredentialDocumentTests.Written(document))!.AsObject();
                    foreach (var (name, value) in others)
                    {
                        fields.Insert(Math.Min(1, fields.Count), name, value?.DeepClone());
                    }

                    var names = fields.Select(static f => f.Key).ToArray();
                    document = CredentialDocumentTests.Parse(fields.ToJsonString());
                    document.Set(second, Begin);
                    var written = CredentialDocumentTests.Written(document);

                    var login = CredentialDocumentTests.Parse(written).ToCredential(Begin, Begin.AddDays(-1));
                    Assert.Equal(
                        (second.AccessToken, second.RefreshToken, second.ExpiresAt, second.ObtainedAt),
                        (login.AccessToken, login.RefreshToken, login.ExpiresAt, login.ObtainedAt)
                    );
                    Assert.Equal(second.Endpoint, login.Endpoint);
                    var after = JsonNode.Parse(written)!.AsObject();
                    Assert.All(others, o => Assert.True(JsonNode.DeepEquals(o.Value, after[o.Name])));
                    Assert.Equal(names.Where(after.ContainsKey), after.Select(static f => f.Key).Where(names.Contains));
                }
            );
    }
}

internal static class MomentGen
{
    public static Gen<DateTimeOffset?> OrNullAtTimes(this Gen<DateTimeOffset?> some)
    {
        return Gen.Frequency((3, some), (1, Gen.Const((DateTimeOffset?)null)));
    }
}
