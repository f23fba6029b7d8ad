using System.Globalization;

namespace Connectors.Qwen.Outage;

/// <summary>What arrived at the service, in units of what arrives while nothing is wrong.</summary>
internal sealed class Load
{
    // In the first minute not everybody has asked yet.
    private static readonly TimeSpan Warm = TimeSpan.FromMinutes(1);

    private readonly Simulation _simulation;
    private readonly double _healthy;

    public Load(string name, Simulation simulation)
    {
        Name = name;
        _simulation = simulation;
        _healthy = Windows(simulation.Requests, Warm, Simulation.OutageBegins).Average();
        Ratios = [.. simulation.Requests.Select(requests => requests / _healthy)];
    }

    public string Name { get; }

    /// <summary>The load of each window; 1 is healthy.</summary>
    public IReadOnlyList<double> Ratios { get; }

    /// <summary>The highest load of any window.</summary>
    public double Peak => Ratios.Max();

    public override string ToString()
    {
        var outage = Windows(Ratios, Simulation.OutageBegins, Simulation.OutageEnds).ToList();
        var recovery = Windows(Ratios, Simulation.OutageEnds, Simulation.End).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Name}
              healthy load          {_healthy / Upstream.Window.TotalSeconds:0.0} requests/s
              load in the outage    peak {outage.Max():0.00}, mean {outage.Average():0.00} of the healthy load
              load in the recovery  peak {recovery.Max():0.00}, mean {recovery.Average():0.00}
              answers lost          {_simulation.Lost} of {_simulation.Calls}
              last call that failed {(_simulation.LastLoss - Simulation.OutageEnds).TotalSeconds:0.0} s after the outage
            """
        );
    }

    private static IEnumerable<T> Windows<T>(IReadOnlyList<T> values, TimeSpan from, TimeSpan to)
    {
        var first = (int)(from / Upstream.Window);
        return values.Skip(first).Take((int)(to / Upstream.Window) - first);
    }
}
