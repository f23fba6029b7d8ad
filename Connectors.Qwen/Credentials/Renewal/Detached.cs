namespace Connectors.Qwen.Credentials;

/// <summary>Runs work that belongs to nobody: without the ambient state of whoever starts it.</summary>
internal static class Detached
{
    public static Task<T> Run<T>(Func<Task<T>> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            var task = Task.Run(work);
            // It was logged; that nobody waited for it is no reason for an unobserved exception.
            _ = task.ContinueWith(
                static failed => failed.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            return task;
        }
    }
}
