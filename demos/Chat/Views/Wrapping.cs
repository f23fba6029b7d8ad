using System.Text.RegularExpressions;

namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>Where a line may end: Chinese has no spaces, so it may after each character, but not before a closing mark.</summary>
internal static partial class Wrapping
{
    /// <summary>The pieces of a text between which a line may end, besides its spaces.</summary>
    public static IEnumerable<string> Split(string text)
    {
        return Pieces().Matches(text).Select(match => match.Value);
    }

    [GeneratedRegex(@"[\u2E80-\u9FFF\uF900-\uFAFF][，。！？；：、）】》」』”’]*|[^\u2E80-\u9FFF\uF900-\uFAFF]+")]
    private static partial Regex Pieces();
}
