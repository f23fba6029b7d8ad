using System.Globalization;
using System.Text;

namespace Connectors.Qwen.Outage;

/// <summary>The loads over time as a picture in SVG: nothing to install, and the same bytes for the same loads.</summary>
internal sealed class Plot
{
    private const double Left = 60;
    private const double Top = 20;
    private const double Width = 720;
    private const double Height = 300;

    private readonly StringBuilder _svg = new();
    private readonly double _highest;

    private Plot(double highest)
    {
        _highest = Math.Ceiling(highest);
    }

    public static string Draw(Load with, Load without, double limit)
    {
        var plot = new Plot(Math.Max(with.Peak, without.Peak));
        plot.Frame();
        plot.Line(without, "#c2410c");
        plot.Line(with, "#1d4ed8");
        plot.Limit(limit);
        plot.Legend(0, without.Name, "#c2410c");
        plot.Legend(1, with.Name, "#1d4ed8");
        plot._svg.Append("</svg>\n");
        return plot._svg.ToString();
    }

    private static double X(TimeSpan time)
    {
        return Left + (Width * (time / Simulation.End));
    }

    private double Y(double load)
    {
        return Top + (Height * (1 - (load / _highest)));
    }

    private void Frame()
    {
        Add(
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 380" font-family="sans-serif" font-size="13" fill="#222">"""
        );
        Add($"""<title>Load on the service through an outage of ten minutes</title>""");
        Add($"""<rect width="800" height="380" fill="#fff"/>""");
        var down = X(Simulation.OutageBegins);
        var up = X(Simulation.OutageEnds);
        Add($"""<rect x="{down:0.#}" y="{Top}" width="{up - down:0.#}" height="{Height}" fill="#f1f1f1"/>""");
        Text((down + up) / 2, Top + Height - 8, "middle", "outage");
        for (var load = 0; load <= _highest; load++)
        {
            Add($"""<path d="M{Left} {Y(load):0.#}h{Width}" stroke="#ddd"/>""");
            Text(Left - 8, Y(load) + 4, "end", $"{load}");
        }

        for (var minute = 0; minute <= Simulation.End.TotalMinutes; minute += 5)
        {
            Text(X(TimeSpan.FromMinutes(minute)), Top + Height + 18, "middle", $"{minute}");
        }

        Text(Left + (Width / 2), Top + Height + 40, "middle", "minutes");
        Add($"""<g transform="translate(20 {Top + (Height / 2)}) rotate(-90)">""");
        Text(0, 0, "middle", "requests per 10 s, healthy load = 1");
        Add($"</g>");
    }

    private void Line(Load load, string color)
    {
        // Each in the middle of its window.
        var points = load.Ratios.Select(
            (ratio, i) => FormattableString.Invariant($"{X(Upstream.Window * (i + 0.5)):0.#},{Y(ratio):0.#}")
        );
        var line = string.Join(' ', points);
        Add($"""<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round"/>""");
    }

    private void Limit(double limit)
    {
        Add($"""<path d="M{Left} {Y(limit):0.#}h{Width}" stroke="#222" stroke-dasharray="5 4"/>""");
        Text(Left + Width - 6, Y(limit) - 5, "end", FormattableString.Invariant($"{limit:0.0} times the healthy load"));
    }

    private void Legend(int row, string name, string color)
    {
        var y = Top + 20 + (22 * row);
        var x = X(Simulation.OutageEnds) + 20;
        Add($"""<path d="M{x:0.#} {y}h26" stroke="{color}" stroke-width="2"/>""");
        Text(x + 34, y + 4, "start", name);
    }

    private void Text(double x, double y, string anchor, string text)
    {
        Add($"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}">{text}</text>""");
    }

    private void Add(FormattableString line)
    {
        _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
