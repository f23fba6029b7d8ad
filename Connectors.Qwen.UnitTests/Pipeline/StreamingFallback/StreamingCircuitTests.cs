using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Pipeline.StreamingFallback;

public class StreamingCircuitTests
{
    private static readonly DateTimeOffset Begin = ManualTime.Begin;
    private readonly StreamingCircuit _circuit = new(
        new StreamingFallbackOptions
        {
            FailureThreshold = 3,
            FailureWindow = TimeSpan.FromMinutes(10),
            BreakDuration = TimeSpan.FromMinutes(5),
        }
    );

    [Fact]
    public void T37_Failed_ThirdInTheWindow_LeavesStreamingAlone()
    {
        Assert.False(_circuit.Failed(At(0)));
        Assert.False(_circuit.Failed(At(1)));
        Assert.True(_circuit.MayStream(At(2)));

        Assert.True(_circuit.Failed(At(2)));

        Assert.False(_circuit.MayStream(At(2)));
        Assert.False(_circuit.MayStream(At(6.9)));
    }

    [Fact]
    public void T37_Failed_OldOnesHaveLeftTheWindow_GoesOn()
    {
        _circuit.Failed(At(0));
        _circuit.Failed(At(1));

        Assert.False(_circuit.Failed(At(10)));
        Assert.True(_circuit.MayStream(At(10)));
        Assert.True(_circuit.Failed(At(10.9)));
    }

    [Fact]
    public void T37_MayStream_AfterTheBreak_OneCallTries()
    {
        Open();

        Assert.True(_circuit.MayStream(At(7)));
        Assert.False(_circuit.MayStream(At(7)));
        Assert.False(_circuit.MayStream(At(11.9)));
        // Whoever tried has not been heard of again: the next one does.
        Assert.True(_circuit.MayStream(At(12)));
    }

    [Fact]
    public void T37_Succeeded_OnTrial_StreamsAgainAndForgets()
    {
        Open();
        Assert.True(_circuit.MayStream(At(7)));

        Assert.True(_circuit.Succeeded());

        Assert.True(_circuit.MayStream(At(7)));
        Assert.False(_circuit.Succeeded());
        Assert.False(_circuit.Failed(At(7)));
        Assert.False(_circuit.Failed(At(7)));
        Assert.True(_circuit.Failed(At(7)));
    }

    [Fact]
    public void T37_Failed_OnTrial_WaitsOnceMore()
    {
        Open();
        Assert.True(_circuit.MayStream(At(7)));

        Assert.False(_circuit.Failed(At(8)));

        Assert.False(_circuit.MayStream(At(12.9)));
        Assert.True(_circuit.MayStream(At(13)));
    }

    [Fact]
    public void Succeeded_BetweenFailures_DoesNotForgetThem()
    {
        // Every second stream of a route that cuts long ones.
        _circuit.Failed(At(0));
        _circuit.Succeeded();
        _circuit.Failed(At(1));
        _circuit.Succeeded();

        Assert.True(_circuit.Failed(At(2)));
    }

    private void Open()
    {
        _circuit.Failed(At(0));
        _circuit.Failed(At(1));
        Assert.True(_circuit.Failed(At(2)));
    }

    private static DateTimeOffset At(double minutes)
    {
        return Begin.AddMinutes(minutes);
    }
}
