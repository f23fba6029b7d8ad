using Spectre.Console.Rendering;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>The last rows of something: what is being written stays in sight, and a live display never outgrows the screen.</summary>
internal sealed class Bottom(IRenderable inner, int rows) : Renderable
{
    protected override Measurement Measure(RenderOptions options, int maxWidth)
    {
        return inner.Measure(options, maxWidth);
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        foreach (var line in Segment.SplitLines(inner.Render(options, maxWidth), maxWidth).TakeLast(rows))
        {
            foreach (var segment in line)
            {
                yield return segment;
            }

            yield return Segment.LineBreak;
        }
    }
}
