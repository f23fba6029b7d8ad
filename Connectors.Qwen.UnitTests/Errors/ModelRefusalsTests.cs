using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Errors;

/// <summary>The words are the service's (the vendor's error page, and issues that quote it) and those of gateways in front of it.</summary>
public sealed class ModelRefusalsTests
{
    [Theory]
    [InlineData("The value of the enable_thinking parameter is restricted to True.", "AlwaysThinks", null)]
    [InlineData(
        "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support being set to required or object in thinking mode",
        "NoForcedToolInThought",
        null
    )]
    [InlineData("Json mode response is not supported when enable_thinking is true", "NoJsonInThought", null)]
    [InlineData("The model qwen-x does not support enable_thinking.", "UnknownParameter", "enable_thinking")]
    [InlineData(
        "Value error, current model does not support parameter `enable_thinking`.",
        "UnknownParameter",
        "enable_thinking"
    )]
    [InlineData(
        "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
        "UnknownParameter",
        "parallel_tool_calls"
    )]
    [InlineData("Unrecognized request argument supplied: stream_options", "UnknownParameter", "stream_options")]
    [InlineData("This model does not support enable_search.", "UnknownParameter", "enable_search")]
    [InlineData("'reasoning_effort' and 'thinking_budget' cannot be set simultaneously", "None", null)]
    [InlineData("Range of max_tokens should be [1, 8192]", "None", null)]
    [InlineData("tool_choice is one of the strings that should be [\"none\", \"auto\"]", "None", null)]
    [InlineData("<400> InternalError.Algo.InvalidParameter: input content must be a string.", "None", null)]
    public void Find_WordsOfTheService_AreUnderstood(string message, string lesson, string? parameter)
    {
        var refusal = ModelRefusals.Find("invalid_parameter_error", message, null);

        Assert.Equal((Enum.Parse<ModelLesson>(lesson), parameter), (refusal!.Lesson, refusal.Parameter));
    }

    [Theory]
    [InlineData("Partial mode is not supported when enable_thinking is true")]
    [InlineData("parameter.enable_thinking must be set to false for non-streaming calls")]
    [InlineData("Range of top_p should be (0.0, 1.0]")]
    [InlineData("This model does not support this.")]
    [InlineData("The content field is a required field.")]
    [InlineData("")]
    [InlineData(null)]
    public void Find_OtherWords_SayNothingOfTheModel(string? message)
    {
        Assert.Null(ModelRefusals.Find("invalid_parameter_error", message, "messages"));
    }

    [Theory]
    [InlineData("'reasoning_effort' must be one of: 'low', 'high', 'max'", "low high max")]
    [InlineData("'reasoning_effort' must be one of: 'none','minimal','low'", "none minimal low")]
    [InlineData(
        """data: {"error":{"message":"'reasoning_effort' must be one of: 'low', 'high'","type":"invalid_request_error"}}""",
        "low high"
    )]
    [InlineData(
        "1 validation error for Request\nreasoning_effort\n Input should be 'low', 'medium' or 'high' [type=enum, input_value='none']",
        "low medium high"
    )]
    [InlineData("'reasoning_effort' must be one of: 'deep', 'shallow'", "")]
    [InlineData("'reasoning_effort' must be one of them", "")]
    public void Find_ListOfEfforts_IsRead(string message, string words)
    {
        var refusal = ModelRefusals.Find("invalid_parameter_error", message, null)!;

        Assert.Equal((ModelLesson.EffortWords, "reasoning_effort"), (refusal.Lesson, refusal.Parameter));
        Assert.Equal(words, string.Join(' ', refusal.Words!));
    }

    [Fact]
    public void Find_CodeOfThatVeryRefusal_NeedsNoWords()
    {
        var refusal = ModelRefusals.Find("InvalidParameter.NotSupportEnableThinking", null, null);

        Assert.Equal((ModelLesson.UnknownParameter, "enable_thinking"), (refusal!.Lesson, refusal.Parameter));
    }

    [Theory, InlineData("top_k", true), InlineData("top k\n<script>", false), InlineData(null, false)]
    public void Find_CodeOfGateways_NamesTheParameterInItsField(string? parameter, bool isUnderstood)
    {
        var refusal = ModelRefusals.Find("unsupported_parameter", "No.", parameter);

        Assert.Equal(isUnderstood ? parameter : null, refusal?.Parameter);
    }

    [Fact]
    public void Rows_EachAdvice_IsASentenceOfItsOwn()
    {
        Assert.All(ModelRefusals.Rows, static row => Assert.Matches("^[A-Z].*\\.$", row.Advice));
    }
}
