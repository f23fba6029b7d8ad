using System.Text.Json;
using Connectors.Qwen.Testing.Serving;

namespace Connectors.Qwen.Testing.Checks;

/// <summary>The checks of a chat request, in the order in which the service makes them.</summary>
internal static class ChatChecks
{
    public static Refusal? Find(QwenSimulatedRequest request, SimulatorState state) =>
        Body(request)
        ?? Model(request, state.RejectsUnknownModels && !state.IsKnown(request.Model))
        ?? MessageChecks.Find(request)
        ?? ModeChecks.Find(request, state.RefusesPartialMode)
        ?? ParameterChecks.Find(request.Body);

    private static Refusal? Body(QwenSimulatedRequest request) =>
        request.Body.ValueKind == JsonValueKind.Object
            ? null
            : Refusal.InvalidParameter("Required body invalid, please check the request body format.");

    private static Refusal? Model(QwenSimulatedRequest request, bool isRejected)
    {
        if (string.IsNullOrEmpty(request.Model))
        {
            return Refusal.InvalidParameter("you must provide a model parameter");
        }

        return isRejected
            ? new Refusal(
                404,
                "model_not_found",
                $"The model `{request.Model}` does not exist or you do not have access to it."
            )
            : null;
    }
}
