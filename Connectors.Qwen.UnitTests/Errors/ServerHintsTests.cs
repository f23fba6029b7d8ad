using System.Globalization;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Errors;

public class ServerHintsTests
{
    private static readonly DateTimeOffset Now = Utc("2026-11-23 10:00:00");

    [Theory]
    [InlineData("This model only support stream mode, please enable the stream parameter.", true)]
    [InlineData("current user api does not support http call.", true)]
    [InlineData("parameter.enable_thinking must be set to false for non-streaming calls", true)]
    [InlineData("<400> InternalError.Algo.InvalidParameter: This model only support stream call", true)]
    [InlineData("'audio' output only support with stream=true", true)]
    [InlineData("enable thinking can not be support when `stream=False`.", true)]
    [InlineData("The value of the enable_thinking parameter is restricted to True.", false)]
    [InlineData("stream timeout", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void T34_NeedsStream_WordsOfTheService_AreKnown(string? said, bool expected)
    {
        Assert.Equal(expected, ServerHints.NeedsStream(said));
    }

    [Theory]
    [InlineData("Value error, batch size is invalid, it should not be larger than 10.: input.contents", 10)]
    [InlineData(
        "<400> InternalError.Algo.InvalidParameter: Batch size is invalid, it should not be larger than 25",
        25
    )]
    [InlineData("batch size is invalid, it should not be larger than 0", null)]
    [InlineData("batch size is invalid, it should not be larger than 99999999999", null)]
    [InlineData("it should not be larger than 10", null)]
    [InlineData(null, null)]
    public void MaxBatchSize_WordsOfTheService_GiveTheLimit(string? said, int? expected)
    {
        Assert.Equal(expected, ServerHints.MaxBatchSize(said));
    }

    [Theory]
    [InlineData("Range of input length should be [1, 129024]", 129024)]
    [InlineData("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1,1000000]", 1000000)]
    [InlineData("range of input length should be [0, 5]", 5)]
    [InlineData("Range of max_tokens should be [1, 8192]", null)]
    [InlineData("Range of input length should be [1, 99999999999999999999]", null)]
    [InlineData("Range of input length should be", null)]
    [InlineData(null, null)]
    public void T41_MaxInputTokens_WordsOfTheService_GiveTheLimit(string? said, int? expected)
    {
        Assert.Equal(expected, ServerHints.MaxInputTokens(said));
    }

    [Theory]
    [InlineData("The quota will reset at 11-24 16:00:00 UTC.", "2026-11-24 16:00:00")]
    [InlineData("The quota will reset at 11-23 09:00:00 UTC.", "2026-11-23 09:00:00")]
    [InlineData("The quota will reset at 01-02 16:00:00 UTC.", "2027-01-02 16:00:00")]
    [InlineData("The quota will reset at 13-02 16:00:00 UTC.", null)]
    [InlineData("The quota will reset soon.", null)]
    [InlineData(null, null)]
    public void T6_QuotaResetsAt_WordsOfTheService_GiveTheNextSuchDay(string? said, string? expected)
    {
        Assert.Equal(expected is null ? null : Utc(expected), ServerHints.QuotaResetsAt(said, Now));
    }

    [Fact]
    public void QuotaResetsAt_LeapDay_IsTheNextOne()
    {
        // There is no such day next year.
        Assert.Null(ServerHints.QuotaResetsAt("reset at 02-29 00:00:00 UTC", Now));
        Assert.Equal(
            Utc("2028-02-29 00:00:00"),
            ServerHints.QuotaResetsAt("reset at 02-29 00:00:00 UTC", Utc("2028-01-01 00:00:00"))
        );
    }

    private static DateTimeOffset Utc(string text)
    {
        return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }
}
