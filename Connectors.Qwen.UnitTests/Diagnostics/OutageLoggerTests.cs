using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.UnitTests.Diagnostics;

public class OutageLoggerTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();

    [Fact]
    public void CallFailed_ThousandInAnOutage_TheFirstAreErrorsAndTheRestIsCounted()
    {
        var logger = new OutageLogger(_log, _time);

        Fail(logger, 1000);
        Assert.Equal(OutageLogger.MaxLines, Count(LogLevel.Error));
        Assert.Equal(1000 - OutageLogger.MaxLines, Count(LogLevel.Debug));

        _time.Advance(OutageLogger.Window);
        Fail(logger, 1);

        Assert.Equal(OutageLogger.MaxLines + 1, Count(LogLevel.Error));
        Assert.Contains(
            _log.Entries,
            static line =>
                line.Level == LogLevel.Warning
                && line.Text.StartsWith("980 more failures with ServerError", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void CallFailed_FewPerWindow_AllAreErrorsAndNothingIsCounted()
    {
        var logger = new OutageLogger(_log, _time);

        for (var i = 0; i < 5; i++)
        {
            Fail(logger, OutageLogger.MaxLines);
            _time.Advance(OutageLogger.Window);
        }

        Assert.Equal(5 * OutageLogger.MaxLines, _log.Entries.Count);
        Assert.Equal(5 * OutageLogger.MaxLines, Count(LogLevel.Error));
    }

    [Fact]
    public void CallFailed_OtherKinds_AreCountedByThemselves()
    {
        var logger = new OutageLogger(_log, _time);
        Fail(logger, 1000);

        logger.CallFailed(QwenFailureKind.Authentication, 1, 0);

        Assert.Equal(OutageLogger.MaxLines + 1, Count(LogLevel.Error));
    }

    [Fact]
    public void CallFailed_CircuitIsOpen_IsNoNews()
    {
        new OutageLogger(_log, _time).CallFailed(QwenFailureKind.CircuitOpen, 0, 0);

        Assert.Equal(LogLevel.Debug, Assert.Single(_log.Entries).Level);
    }

    private static void Fail(OutageLogger logger, int times)
    {
        for (var i = 0; i < times; i++)
        {
            logger.CallFailed(QwenFailureKind.ServerError, 1, 0);
        }
    }

    private int Count(LogLevel level)
    {
        return _log.Entries.Count(line => line.Level == level);
    }
}
