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
}
