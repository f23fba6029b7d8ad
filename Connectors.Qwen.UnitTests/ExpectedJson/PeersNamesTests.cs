namespace Connectors.Qwen.UnitTests.ExpectedJson;

/// <summary>
/// The situations in which the provider of Microsoft.Extensions.AI for OpenAI is tested, under their names there, and the tests in which
/// ours is in them: none is left out without a reason.
/// </summary>
public class PeersNamesTests
{
    private const string NoSdk = "there is no SDK behind this client whose messages could be converted";

    private static readonly (string Theirs, Type? Ours, string Test)[] Situations =
    [
        (
            "AsIChatClient_InvalidArgs_Throws",
            typeof(QwenChatClientTests),
            nameof(QwenChatClientTests.Constructor_WrongArguments_AreNamed)
        ),
        (
            "AsIChatClient_ProducesExpectedMetadata",
            typeof(QwenChatClientTests),
            nameof(QwenChatClientTests.GetService_Client_AnswersForItsParts)
        ),
        (
            "GetService_SuccessfullyReturnsUnderlyingClient",
            typeof(QwenChatClientTests),
            nameof(QwenChatClientTests.GetService_Client_AnswersForItsParts)
        ),
        (
            "GetService_Pipeline_SuccessfullyReturnsUnderlyingClient",
            typeof(DependencyInjection.QwenPipelineTests),
            nameof(DependencyInjection.QwenPipelineTests.CreateChatClient_Pipeline_IsInItsOrder)
        ),
        (
            "BasicRequestResponse_NonStreaming",
            typeof(ExchangeTests),
            nameof(ExchangeTests.BasicRequestResponse_NonStreaming)
        ),
        ("BasicRequestResponse_Streaming", typeof(ExchangeTests), nameof(ExchangeTests.BasicRequestResponse_Streaming)),
        ("ChatOptions_StrictRespected", typeof(OptionsTests), nameof(OptionsTests.ChatOptions_StrictRespected)),
        (
            "ChatOptions_DoNotOverwrite_NotNullPropertiesInRawRepresentation_NonStreaming",
            typeof(OptionsTests),
            nameof(OptionsTests.ChatOptions_DoNotOverwrite_NotNullPropertiesInRawRepresentation)
        ),
        (
            "ChatOptions_DoNotOverwrite_NotNullPropertiesInRawRepresentation_Streaming",
            typeof(OptionsTests),
            nameof(OptionsTests.ChatOptions_DoNotOverwrite_NotNullPropertiesInRawRepresentation)
        ),
        (
            "ChatOptions_Overwrite_NullPropertiesInRawRepresentation_NonStreaming",
            typeof(OptionsTests),
            nameof(OptionsTests.ChatOptions_Overwrite_NullPropertiesInRawRepresentation)
        ),
        (
            "ChatOptions_Overwrite_NullPropertiesInRawRepresentation_Streaming",
            typeof(OptionsTests),
            nameof(OptionsTests.ChatOptions_Overwrite_NullPropertiesInRawRepresentation)
        ),
        ("StronglyTypedOptions_AllSent", typeof(OptionsTests), nameof(OptionsTests.StronglyTypedOptions_AllSent)),
        ("MultipleMessages_NonStreaming", typeof(ExchangeTests), nameof(ExchangeTests.MultipleMessages_NonStreaming)),
        (
            "MultiPartSystemMessage_NonStreaming",
            typeof(ExchangeTests),
            nameof(ExchangeTests.MultiPartSystemMessage_NonStreaming)
        ),
        (
            "EmptyAssistantMessage_NonStreaming",
            typeof(ExchangeTests),
            nameof(ExchangeTests.EmptyAssistantMessage_NonStreaming)
        ),
        (
            "FunctionCallContent_NonStreaming",
            typeof(ContentsTests),
            nameof(ContentsTests.FunctionCallContent_NonStreaming)
        ),
        ("FunctionCallContent_Streaming", typeof(ContentsTests), nameof(ContentsTests.FunctionCallContent_Streaming)),
        (
            "HostedWebSearchTool_MapsToWebSearchOptions",
            typeof(OptionsTests),
            nameof(OptionsTests.HostedWebSearchTool_MapsToEnableSearch)
        ),
        (
            "AssistantMessageWithBothToolsAndContent_NonStreaming",
            typeof(ContentsTests),
            nameof(ContentsTests.AssistantMessageWithBothToolsAndContent_NonStreaming)
        ),
        (
            "DataContentMessage_Image_AdditionalProperty_ChatImageDetail",
            typeof(ContentsTests),
            nameof(ContentsTests.DataContentMessage_Image_AdditionalProperty_PixelLimits)
        ),
        (
            "DataContentMessage_Image_AdditionalProperty_StringDetail",
            typeof(ContentsTests),
            nameof(ContentsTests.DataContentMessage_Image_AdditionalProperty_PixelLimits)
        ),
        (
            "RequestHeaders_UserAgent_ContainsProduct",
            typeof(Transport.QwenTransportTests),
            nameof(Transport.QwenTransportTests.CompleteAsync_Request_IsExactlyThis)
        ),
        (
            "ChatOptions_ModelId_OverridesClientModel_NonStreaming",
            typeof(ExchangeTests),
            nameof(ExchangeTests.ChatOptions_ModelId_OverridesClientModel)
        ),
        (
            "ChatOptions_ModelId_OverridesClientModel_Streaming",
            typeof(ExchangeTests),
            nameof(ExchangeTests.ChatOptions_ModelId_OverridesClientModel)
        ),
        ("AsChatMessages_PreservesRole_System", typeof(ContentsTests), nameof(ContentsTests.ChatMessages_PreserveRole)),
        ("AsChatMessages_PreservesRole_User", typeof(ContentsTests), nameof(ContentsTests.ChatMessages_PreserveRole)),
        (
            "AsChatMessages_PreservesRole_Assistant",
            typeof(ContentsTests),
            nameof(ContentsTests.ChatMessages_PreserveRole)
        ),
        (
            "AsChatMessages_PreservesRole_Developer",
            typeof(ContentsTests),
            nameof(ContentsTests.ChatMessages_PreserveRole)
        ),
        (
            "AsChatMessages_PreservesRole_Tool",
            typeof(ContentsTests),
            nameof(ContentsTests.ChatMessages_PreserveRole_Tool)
        ),
        ("AsChatMessages_PreservesRole_MultipleMessages", null, NoSdk),
        (
            "ReasoningOptions_Effort_ProducesExpectedJson",
            typeof(OptionsTests),
            nameof(OptionsTests.ReasoningOptions_Effort_ProducesExpectedJson)
        ),
        (
            "ReasoningContent_NonStreaming_SurfacedAsTextReasoningContent",
            typeof(ExchangeTests),
            nameof(ExchangeTests.ReasoningContent_NonStreaming_SurfacedAsTextReasoningContent)
        ),
        (
            "ReasoningContent_Streaming_SurfacedAsTextReasoningContent",
            typeof(ExchangeTests),
            nameof(ExchangeTests.ReasoningContent_Streaming_SurfacedAsTextReasoningContent)
        ),
        (
            "OpenAIApiTypeTag_SetToChatCompletions",
            null,
            "the tag tells two OpenAI endpoints apart; this client speaks to one"
        ),
    ];

    [Fact]
    public void EverySituationOfTheirs_IsOneOfOurs()
    {
        Assert.Equal(34, Situations.Select(static situation => situation.Theirs).Distinct().Count());
        Assert.All(
            Situations,
            static situation =>
                Assert.True(
                    situation.Ours is null
                        ? situation.Test.Length > 0
                        : situation.Ours.GetMethod(situation.Test)?.IsDefined(typeof(FactAttribute), inherit: true)
                            == true,
                    situation.Theirs
                )
        );
    }
}
