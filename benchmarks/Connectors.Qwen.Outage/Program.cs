using System.Diagnostics;
using System.Globalization;
using Connectors.Qwen;
using Connectors.Qwen.Outage;

// The bar: an outage must not be answered with more requests than this, in healthy loads.
const double Limit = 1.2;

var pipelines = int.Parse(Argument("--pipelines") ?? "20", CultureInfo.InvariantCulture);
var plot = Argument("--plot") ?? "artifacts/outage.svg";
var csv = Argument("--csv") ?? "artifacts/outage.csv";
var defaults = new TimeoutRetryOptions();
var capacity = Argument("--capacity");
if (capacity is not null)
{
    defaults.RetryBudget.Capacity = int.Parse(capacity, CultureInfo.InvariantCulture);
}

var bare = new TimeoutRetryOptions { RetryBudget = { Enabled = false }, Circuit = { Enabled = false } };

var watch = Stopwatch.StartNew();
var with = new Load("with budget and circuit", Simulation.Run(defaults, pipelines));
var without = new Load("without both", Simulation.Run(bare, pipelines));

Console.WriteLine($"{Simulation.Callers} callers, {pipelines} pipelines, budget of {defaults.RetryBudget.Capacity}");
Console.WriteLine(with);
Console.WriteLine(without);
Console.WriteLine(FormattableString.Invariant($"simulated in {watch.Elapsed.TotalSeconds:0} s"));

Write(plot, Plot.Draw(with, without, Limit));
Write(csv, Table());

if (with.Peak > Limit)
{
    Console.WriteLine($"The load exceeds {Limit} times the healthy load.");
    return 1;
}

if (without.Peak <= Limit)
{
    Console.WriteLine("Without budget and circuit the load is no higher: this simulation shows nothing.");
    return 1;
}

return 0;

string? Argument(string name)
{
    var at = Array.IndexOf(args, name);
    return at < 0 ? null
        : at + 1 < args.Length ? args[at + 1]
        : throw new ArgumentException($"{name} needs a value.");
}

string Table()
{
    var rows = with.Ratios.Select(
        (ratio, i) =>
            FormattableString.Invariant(
                $"{Upstream.Window.TotalSeconds * i:0},{ratio:0.000},{without.Ratios[i]:0.000}\n"
            )
    );
    return $"second,{with.Name},{without.Name}\n{string.Concat(rows)}";
}

static void Write(string path, string text)
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    File.WriteAllText(path, text);
    Console.WriteLine($"written: {path}");
}
