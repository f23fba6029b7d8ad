using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Errors;

public class OptionFaultsTests
{
    [Fact]
    public void ThrowIfAny_NoFault_IsQuiet()
    {
        new OptionFaults()
            .Range(0.5, 0.1, 0.5)
            .AtLeast(2, 2)
            .MoreThan(1, 0)
            .Clock(Timeout.InfiniteTimeSpan)
            .ThrowIfAny();
    }

    [Fact]
    public void ThrowIfAny_SeveralFaults_TellsTheFirstWithItsValue()
    {
        var ratio = double.NaN;
        var e = Assert.Throws<ArgumentOutOfRangeException>(
            "ratio",
            () => new OptionFaults().Range(ratio, 0, 1).Add("Name", "is empty.").ThrowIfAny()
        );

        Assert.Equal(double.NaN, e.ActualValue);
        Assert.StartsWith("ratio is NaN. It must be between 0 and 1.", e.Message);
    }

    [Theory]
    [InlineData(null, "Name")]
    [InlineData("options", "options")]
    public void ThrowIfAny_NoValue_NamesTheOptionOrItsParameter(string? parameter, string expected)
    {
        var faults = new OptionFaults().Within("Part", new OptionFaults().Add("Name", "is empty. Give one."));

        var e = Assert.Throws<ArgumentException>(expected, () => faults.ThrowIfAny(parameter));

        Assert.StartsWith("Part:Name is empty. Give one.", e.Message);
    }

    [Fact]
    public void All_EveryRule_SaysWhatWasSeenAndWhatIsAllowed()
    {
        var (few, low, zero, clock) = (1, -1.5, 0, TimeSpan.Zero);

        var faults = new OptionFaults()
            .AtLeast(few, 2)
            .Range(low, -1, 1.5)
            .MoreThan(zero, 0)
            .Clock(clock)
            .Within("Part", null);

        Assert.Equal(
            [
                "few is 1. It must be 2 or more.",
                "low is -1.5. It must be between -1 and 1.5.",
                "zero is 0. It must be more than 0.",
                "clock is 00:00:00. It must be more than zero, or Timeout.InfiniteTimeSpan (-00:00:00.0010000) to switch it off.",
                "Part is null. Leave it as it is for the defaults.",
            ],
            faults.All.Select(static fault => fault.ToString())
        );
    }
}
