using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.DeviceLogin;

public class PkceTests
{
    // RFC 7636, appendix B.
    private static readonly byte[] Octets =
    [
        116,
        24,
        223,
        180,
        151,
        153,
        224,
        37,
        79,
        250,
        96,
        125,
        216,
        173,
        187,
        186,
        22,
        212,
        37,
        77,
        105,
        214,
        191,
        240,
        91,
        88,
        5,
        88,
        83,
        132,
        141,
        121,
    ];

    [Fact]
    public void From_VectorOfTheRfc_IsItsVerifierAndChallenge()
    {
        var proof = Pkce.From(Octets);

        Assert.Equal("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", proof.Verifier);
        Assert.Equal("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", proof.Challenge);
    }

    [Fact]
    public void Create_Each_IsAnotherAndAsLongAsTheRfcWants()
    {
        var proofs = Enumerable.Range(0, 100).Select(_ => Pkce.Create()).ToArray();

        Assert.Equal(100, proofs.Select(p => p.Verifier).Distinct().Count());
        Assert.All(proofs, p => Assert.Matches("^[A-Za-z0-9_-]{43}$", p.Verifier));
    }

    [Fact]
    public void A24_ToString_Proof_ShowsNeither()
    {
        Assert.Equal("PKCE S256", Pkce.From(Octets).ToString());
    }
}
