using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Errors;

public class FailureTableTests
{
    // Kind, refreshes the token, pace of the retries, other form, opens the circuit.
    public static TheoryData<QwenFailureKind, bool, string, string, bool, bool> Table =>
        new()
        {
            { QwenFailureKind.Authentication, true, "None", "None", true, false },
            { QwenFailureKind.PermissionDenied, false, "None", "None", false, false },
            { QwenFailureKind.QuotaExhausted, false, "None", "None", false, false },
            { QwenFailureKind.RateLimited, false, "Throttle", "None", true, false },
            { QwenFailureKind.InvalidRequest, false, "None", "None", false, false },
            { QwenFailureKind.NotFound, false, "None", "None", false, false },
            { QwenFailureKind.ContextTooLong, false, "None", "None", false, false },
            { QwenFailureKind.ContentFiltered, false, "None", "None", false, false },
            { QwenFailureKind.ServerError, false, "Backoff", "Whole", true, true },
            { QwenFailureKind.ServerTimeout, false, "Once", "Either", true, true },
            { QwenFailureKind.RequestTimeout, false, "Once", "Either", true, true },
            { QwenFailureKind.FirstTokenTimeout, false, "Once", "Whole", true, true },
            { QwenFailureKind.IdleTimeout, false, "Once", "Whole", true, true },
            { QwenFailureKind.TotalTimeout, false, "None", "None", false, false },
            { QwenFailureKind.CircuitOpen, false, "None", "Either", true, false },
            { QwenFailureKind.Connection, false, "Backoff", "None", true, true },
            { QwenFailureKind.StreamInterrupted, false, "Backoff", "Either", true, false },
            { QwenFailureKind.EmptyResponse, false, "Once", "Whole", true, false },
            { QwenFailureKind.Protocol, false, "Backoff", "Whole", true, false },
            { QwenFailureKind.CredentialStore, false, "None", "None", false, false },
        };

    public static TheoryData<QwenFailureKind> Kinds => [.. Enum.GetValues<QwenFailureKind>()];

    [Theory]
    [MemberData(nameof(Table))]
    public void Of_Kind_SaysWhatEachStageDoes(
        QwenFailureKind kind,
        bool refreshes,
        string retry,
        string form,
        bool continues,
        bool circuit
    )
    {
        var row = FailureTable.Of(kind);

        Assert.Equal(
            (refreshes, retry, form, continues, circuit),
            (row.RefreshesToken, row.Retry.ToString(), row.OtherForm.ToString(), row.Continues, row.OpensCircuit)
        );
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_Kind_ReturnsItsOwnRow(QwenFailureKind kind)
    {
        Assert.Equal(kind, FailureTable.Of(kind).Kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Advice_Kind_IsASentence(QwenFailureKind kind)
    {
        Assert.Matches(@"^\p{Lu}.{10,}\.$", FailureTable.Of(kind).Advice);
    }

    [Fact]
    public void Rows_Kinds_AreThoseOfTheEnumerationInItsOrder()
    {
        Assert.Equal(Enum.GetValues<QwenFailureKind>(), FailureTable.Rows.Select(row => row.Kind));
    }

    [Fact]
    public void Table_OfThisTest_NamesEachKindOnce()
    {
        Assert.Equal(Enum.GetValues<QwenFailureKind>(), Table.Select(row => row.Data.Item1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(20)]
    public void Of_NoKind_Throws(int kind)
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(kind), () => FailureTable.Of((QwenFailureKind)kind));
    }

    [Theory]
    [InlineData(QwenFailureKind.Connection, HttpRequestError.ConnectionError)]
    [InlineData(QwenFailureKind.StreamInterrupted, HttpRequestError.ResponseEnded)]
    [InlineData(QwenFailureKind.Protocol, HttpRequestError.InvalidResponse)]
    [InlineData(QwenFailureKind.ServerError, HttpRequestError.Unknown)]
    public void RequestError_NoCause_IsTheKindsWord(QwenFailureKind kind, HttpRequestError expected)
    {
        Assert.Equal(expected, FailureTable.Of(kind).RequestError(null));
    }

    [Fact]
    public void RequestError_CauseKnowsBetter_IsTheCauses()
    {
        var cause = new HttpRequestException(HttpRequestError.NameResolutionError);

        Assert.Equal(
            HttpRequestError.NameResolutionError,
            FailureTable.Of(QwenFailureKind.Connection).RequestError(cause)
        );
    }

    [Fact]
    public void RequestError_CauseKnowsNothing_IsTheKindsWord()
    {
        var cause = new HttpRequestException("?");

        Assert.Equal(HttpRequestError.ConnectionError, FailureTable.Of(QwenFailureKind.Connection).RequestError(cause));
    }
}
