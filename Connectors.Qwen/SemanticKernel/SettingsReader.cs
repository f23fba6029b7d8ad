using Connectors.Qwen.Mapping;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.SemanticKernel;

/// <summary>Makes Qwen's parameters of what settings of any kind say by name.</summary>
internal static class SettingsReader
{
    private const string SystemPrompt = "chat_system_prompt";
    private const string StopSequences = "stop_sequences";
    private const string ResponseFormat = "response_format";

    // What Semantic Kernel reads itself: it is in the options that it makes, and the service knows no such parameters.
    private static readonly string[] NotForTheService =
    [
        SystemPrompt,
        "chat_developer_prompt",
        StopSequences,
        ResponseFormat,
    ];

    public static QwenPromptExecutionSettings Read(PromptExecutionSettings? settings)
    {
        var read =
            settings is null ? new QwenPromptExecutionSettings()
            : settings.GetType() == typeof(PromptExecutionSettings) ? ReadPlain(settings)
            : ReadForeign(settings);
        read.ModelId = settings?.ModelId;
        read.ServiceId = settings?.ServiceId;
        read.FunctionChoiceBehavior = settings?.FunctionChoiceBehavior;
        return read;
    }

    /// <summary>Fills what is null in a request with what extension data says.</summary>
    public static QwenChatRequest WithExtensionData(QwenChatRequest request, IDictionary<string, object>? data)
    {
        if (data is null)
        {
            return request;
        }

        var named = new AdditionalPropertiesDictionary();
        foreach (var (name, value) in data)
        {
            if (!NotForTheService.Contains(name))
            {
                named[name] = value;
            }
        }

        if (request.Stop is null && data.TryGetValue(StopSequences, out var stops))
        {
            named.TryAdd("stop", stops);
        }

        if (request.ResponseFormat is null && data.TryGetValue(ResponseFormat, out var format))
        {
            request.ResponseFormat = ResponseFormats.ToWire(
                format,
                Strictness.Read(data.TryGetValue(Strictness.Name, out var strict) ? strict : null)
            );
        }

        NamedProperties.Fill(request, named);
        return request;
    }

    /// <summary>Gives properties back the values they had in the settings: on its way through JSON each number becomes a double.</summary>
    public static void Restore(AdditionalPropertiesDictionary? properties, IDictionary<string, object>? data)
    {
        foreach (var (name, value) in data ?? new Dictionary<string, object>())
        {
            if (properties?.ContainsKey(name) == true)
            {
                properties[name] = value;
            }
        }
    }

    private static QwenPromptExecutionSettings ReadPlain(PromptExecutionSettings settings)
    {
        var request = WithExtensionData(new QwenChatRequest(), settings.ExtensionData);
        // Without a property of their own they stay where they were, and are sent from there.
        request.AdditionalProperties = null;
        var rest = settings.ExtensionData?.Where(static entry =>
            entry.Key is not StopSequences and not ResponseFormat && !NamedProperties.IsParameter(entry.Key)
        );
        var read = QwenPromptExecutionSettings.Of(request);
        read.ExtensionData = rest is null ? null : new Dictionary<string, object>(rest);
        return read;
    }

    private static QwenPromptExecutionSettings ReadForeign(PromptExecutionSettings settings)
    {
        var others = settings.Clone();
        // It would need a kernel, and is copied as it is.
        others.FunctionChoiceBehavior = null;
        var options = others.ToChatOptions(kernel: null)!;
        options.RawRepresentationFactory = null;
        options.ModelId = null;
        var request = RequestMapper.Parameters(options, defaultModel: "", client: null!);
        request.Model = null;
        // Parameters of another service.
        request.AdditionalProperties = null;
        var read = QwenPromptExecutionSettings.Of(request);
        if (options.Instructions is { } instructions)
        {
            read.ExtensionData = new Dictionary<string, object> { [SystemPrompt] = instructions };
        }

        return read;
    }

    // One text is as good as a list of one: the service takes both.
}
