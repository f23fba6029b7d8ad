using Microsoft.Extensions.AI;

namespace Connectors.Qwen;

/// <summary>A video as its frames, for models that see: pictures in their order in time.</summary>
/// <remarks>
/// Models take 4 to 512 frames, some up to 80 or 8000 (the vendor's page "Qwen API via OpenAI chat completions", 2026); the service says what it
/// refuses. Further members of the part (<c>max_pixels</c>, ...) travel in <see cref="AIContent.AdditionalProperties"/>. Not
/// thread-safe.
/// </remarks>
public sealed class QwenVideoFramesContent : AIContent
{
    /// <summary>Creates the content.</summary>
    /// <param name="frames">The pictures: <see cref="UriContent"/> or <see cref="DataContent"/> of an image type.</param>
    /// <exception cref="ArgumentNullException"><paramref name="frames"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no frame, or one is no picture.</exception>
    public QwenVideoFramesContent(IEnumerable<AIContent> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        Frames = [.. frames];
        if (Frames.Count == 0)
        {
            throw new ArgumentException("There is no frame.", nameof(frames));
        }

        foreach (var frame in Frames)
        {
            if (UrlOf(frame) is null)
            {
                throw new ArgumentException(
                    $"A frame is a UriContent or DataContent of an image type, not {frame?.GetType().Name ?? "null"}.",
                    nameof(frames)
                );
            }
        }
    }

    /// <summary>The pictures in their order in time.</summary>
    public IReadOnlyList<AIContent> Frames { get; }

    /// <summary>How many frames there were for each second of the video, [0.1, 10].</summary>
    /// <value>The default is null: the service takes it for 2.</value>
    public double? FramesPerSecond { get; set; }

    internal static string? UrlOf(AIContent frame)
    {
        return frame switch
        {
            DataContent data when data.HasTopLevelMediaType("image") => data.Uri,
            UriContent uri when uri.HasTopLevelMediaType("image") => uri.Uri.OriginalString,
            _ => null,
        };
    }
}
