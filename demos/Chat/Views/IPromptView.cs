namespace Connectors.Qwen.Demos.Chat.Views;

/// <summary>A view with a person in front of it.</summary>
internal interface IPromptView : IView
{
    /// <summary>Lets the person type a line.</summary>
    /// <exception cref="OperationCanceledException">The line was abandoned.</exception>
    Task<string> AskAsync(CancellationToken cancellationToken);
}
