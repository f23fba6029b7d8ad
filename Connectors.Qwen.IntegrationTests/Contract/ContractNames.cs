namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>
/// What Microsoft.Extensions.AI asks of the chat client of every provider: the 45 names of its own live tests, which are not
/// published as a package. All of them apply to chat completions but one.
/// </summary>
internal static class ContractNames
{
    private const string Names = """
        GetResponseAsync_SingleRequestMessage
        GetResponseAsync_MultipleRequestMessages
        GetResponseAsync_WithEmptyMessage
        GetStreamingResponseAsync
        GetStreamingResponseAsync_UsageDataAvailable
        GetStreamingResponseAsync_AppendToHistory
        GetResponseAsync_UsageDataAvailable
        MultiModal_DescribeImage
        MultiModal_DescribePdf
        FunctionInvocation_AutomaticallyInvokeFunction_Parameterless
        FunctionInvocation_AutomaticallyInvokeFunction_WithParameters_NonStreaming
        FunctionInvocation_AutomaticallyInvokeFunction_WithParameters_Streaming
        FunctionInvocation_OptionalParameter
        FunctionInvocation_NestedParameters
        FunctionInvocation_ArrayParameter
        FunctionInvocation_SupportsMultipleParallelRequests
        FunctionInvocation_RequireAny
        FunctionInvocation_RequireSpecific
        AvailableTools_SchemasAreAccepted_Strict
        AvailableTools_SchemasAreAccepted_NonStrict
        Caching_BeforeFunctionInvocation_AvoidsExtraCalls
        Caching_AfterFunctionInvocation_FunctionOutputUnchangedAsync
        Caching_AfterFunctionInvocation_FunctionOutputChangedAsync
        Caching_SamePromptResultsInCacheHit_NonStreaming
        Caching_SamePromptResultsInCacheHit_Streaming
        Caching_OutputVariesWithoutCaching
        Logging_LogsCalls_NonStreaming
        Logging_LogsCalls_Streaming
        Logging_LogsFunctionCalls_NonStreaming
        Logging_LogsFunctionCalls_Streaming
        OpenTelemetry_CanEmitTracesAndMetrics
        GetResponseAsync_StructuredOutput
        GetResponseAsync_StructuredOutputArray
        GetResponseAsync_StructuredOutputBool_False
        GetResponseAsync_StructuredOutputBool_True
        GetResponseAsync_StructuredOutputEnum
        GetResponseAsync_StructuredOutputInteger
        GetResponseAsync_StructuredOutputString
        GetResponseAsync_StructuredOutput_WithFunctions
        GetResponseAsync_StructuredOutput_NonNative
        SummarizingChatReducer_PreservesConversationContext
        SummarizingChatReducer_PreservesSystemMessage
        SummarizingChatReducer_WithFunctionCalls
        SummarizingChatReducer_Streaming
        SummarizingChatReducer_CustomPrompt
        """;

    public static IReadOnlyList<string> All { get; } = Names.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The one that does not apply, and why; its test shows what happens instead.</summary>
    public static (string Name, string Reason) DoesNotApply { get; } =
        (
            "MultiModal_DescribePdf",
            "Qwen's chat completions take no document as bytes. Such content is refused before anything is sent, not dropped."
        );
}
