using System.Text;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>Text that does nothing to a terminal but appear on it.</summary>
internal static class Printable
{
    /// <summary>Control characters are left out: an answer must not move the cursor or recolour the screen.</summary>
    public static string Of(string text)
    {
        var isClean = !text.Any(static c => char.IsControl(c) && c != '\n');
        if (isClean)
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c == '\t')
            {
                clean.Append("    ");
            }
            else if (c == '\n' || !char.IsControl(c))
            {
                clean.Append(c);
            }
        }

        return clean.ToString();
    }
}
