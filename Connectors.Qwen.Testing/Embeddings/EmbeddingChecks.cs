using System.Text.Json;
using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;

namespace Connectors.Qwen.Testing.Embeddings;

/// <summary>The checks of a request for embeddings.</summary>
internal static class EmbeddingChecks
{
    private const string Native = "<400> InternalError.Algo.InvalidParameter: ";

    public static Refusal? Find(
        QwenSimulatedRequest request,
        IReadOnlyDictionary<string, QwenSimulatedEmbeddingModel> models,
        bool rejectsUnknown
    )
    {
        if (request.Body.ValueKind != JsonValueKind.Object)
        {
            return Refusal.InvalidParameter("Required body invalid, please check the request body format.");
        }

        if (string.IsNullOrEmpty(request.Model))
        {
            return Refusal.InvalidParameter("you must provide a model parameter");
        }

        var input = new EmbeddingInput(request.Body, models);
        return rejectsUnknown && !input.IsModelKnown
            ? new Refusal(
                404,
                "model_not_found",
                $"The model `{request.Model}` does not exist or you do not have access to it."
            )
            : Texts(input) ?? Dimensions(input);
    }

    private static Refusal? Texts(EmbeddingInput input)
    {
        var model = input.Model;
        var said =
            input.IsMalformed ? "Value error, contents is neither str nor list of str.: input.contents"
            : input.Texts.Count == 0 ? "[] is too short - 'input'"
            : input.Texts.Count > model.MaxTexts
                ? $"Value error, batch size is invalid, it should not be larger than {model.MaxTexts}.: input.contents"
            : input.Texts.Any(text => text.Length == 0 || TokenCount.Of(text) > model.MaxTokens)
                ? $"Range of input length should be [1, {model.MaxTokens}]"
            : null;
        return said is null ? null : Refusal.InvalidParameter(Native + said);
    }

    private static Refusal? Dimensions(EmbeddingInput input)
    {
        var isAllowed =
            !input.NamesDimensions
            || (input.Dimensions is { } wanted && input.Model.Dimensions.Any(length => length == wanted));
        return isAllowed
            ? null
            : Refusal.InvalidParameter(
                $"{Native}Value error, Dimension is invalid, it should be one of [{string.Join(", ", input.Model.Dimensions)}].: parameters.dimension"
            );
    }
}
