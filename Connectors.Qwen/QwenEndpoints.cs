namespace Connectors.Qwen;

/// <summary>The chat endpoints of Qwen's regions and plans. Keys belong to one of them and are refused by the others.</summary>
/// <remarks>Source: the vendor's Model Studio pages and the presets of its command line client, 2026.</remarks>
public static class QwenEndpoints
{
    /// <summary>Model Studio, Beijing: the default.</summary>
    public static Uri Beijing { get; } = new("https://dashscope.aliyuncs.com/compatible-mode/v1");

    /// <summary>Model Studio, Singapore (international).</summary>
    public static Uri Singapore { get; } = new("https://dashscope-intl.aliyuncs.com/compatible-mode/v1");

    /// <summary>Model Studio, Virginia.</summary>
    public static Uri UnitedStates { get; } = new("https://dashscope-us.aliyuncs.com/compatible-mode/v1");

    /// <summary>Model Studio, Hong Kong.</summary>
    public static Uri HongKong { get; } = new("https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1");

    /// <summary>Coding Plan, China. Plan keys (<c>sk-sp-</c>) are for interactive tools only, by the vendor's terms.</summary>
    public static Uri CodingPlan { get; } = new("https://coding.dashscope.aliyuncs.com/v1");

    /// <summary>Coding Plan, international.</summary>
    public static Uri CodingPlanInternational { get; } = new("https://coding-intl.dashscope.aliyuncs.com/v1");

    /// <summary>Token Plan, Beijing.</summary>
    public static Uri TokenPlan { get; } = new("https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1");

    /// <summary>Token Plan, Singapore.</summary>
    public static Uri TokenPlanInternational { get; } =
        new("https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1");

    /// <summary>
    /// Model Studio at the address of one workspace, which the vendor recommends since 2026; Tokyo and Frankfurt have no other.
    /// Keys of other workspaces are refused there (HTTP 403).
    /// </summary>
    /// <param name="workspaceId">The id of the workspace, from the console: ASCII letters, digits and hyphens.</param>
    /// <param name="region">The region of the workspace: <c>cn-beijing</c>, <c>ap-southeast-1</c> (Singapore), <c>ap-northeast-1</c>
    /// (Tokyo), <c>eu-central-1</c> (Frankfurt), <c>us-east-1</c> (Virginia), or one that came later.</param>
    /// <returns>The endpoint, for example <c>https://my-id.eu-central-1.maas.aliyuncs.com/compatible-mode/v1</c>.</returns>
    /// <exception cref="ArgumentException">An argument is empty, longer than 63 characters, holds another character, or begins or
    /// ends with a hyphen.</exception>
    public static Uri Workspace(string workspaceId, string region)
    {
        CheckLabel(workspaceId, nameof(workspaceId));
        CheckLabel(region, nameof(region));
        return new Uri($"https://{workspaceId}.{region}.maas.aliyuncs.com/compatible-mode/v1");
    }

    // Anything but one part of a host name could send keys and prompts somewhere else.
    private static void CheckLabel(string value, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, name);
        if (
            value.Length > 63
            || value[0] == '-'
            || value[^1] == '-'
            || !value.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
        )
        {
            // Not repeated: a key may stand in the wrong place.
            throw new ArgumentException(
                $"It is not one part of a host name. Use up to 63 letters, digits and hyphens, as the console shows the {name}.",
                name
            );
        }
    }
}
