using System.Globalization;

namespace Connectors.Qwen.Worker;

/// <summary>Saves renewed logins without a server. Login number n says n in each of its fields, so that a mixture would show.</summary>
internal static class Saves
{
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>As fast as it can, until it is killed or nobody listens.</summary>
    public static async Task<int> LoopAsync(Order order)
    {
        var store = order.Store();
        if (!Talk.Ready())
        {
            return 2;
        }

        while (true)
        {
            Talk.Say(await SaveNextAsync(store));
        }
    }

    /// <summary>One for each line it is told. The first is made in another folder: what follows loads and compiles nothing.</summary>
    public static async Task<int> StepsAsync(Order order)
    {
        var practice = Directory.CreateTempSubdirectory("qwen-practice-");
        try
        {
            var elsewhere = new FileCredentialStore(Path.Combine(practice.FullName, "oauth_creds.json"));
            await elsewhere.SaveAsync(Login(1));
            await SaveNextAsync(elsewhere);
        }
        finally
        {
            practice.Delete(recursive: true);
        }

        var store = order.Store();
        if (!Talk.Ready())
        {
            return 2;
        }

        do
        {
            try
            {
                Talk.Say(await SaveNextAsync(store));
            }
            catch (QwenException e)
            {
                Talk.Say($"failed {e.Kind} {e.Message}");
            }
            catch (Exception e)
            {
                Talk.Say($"unexpected {e.GetType().Name} {e.Message}");
            }
        } while (Talk.Heard());

        return 0;
    }

    // As a renewal does it: the right, a look at what is there, the replacement. All of it stays on the thread that calls, as long as
    // the lock is free: those who count its system calls count the same ones each time.
    private static async Task<string> SaveNextAsync(FileCredentialStore store)
    {
        await using var lease = await store.AcquireAsync();
        var load = store.LoadAsync().AsTask();
        var held = load.GetAwaiter().GetResult() ?? throw new InvalidOperationException("The login is gone.");
        if (lease.Obstacle is { } obstacle)
        {
            throw obstacle;
        }

        var next = int.Parse(held.AccessToken.Split('-')[1], CultureInfo.InvariantCulture) + 1;
        return await lease.TryReplaceAsync(held, Login(next)) ? $"saved {next}" : "replaced by another";
    }

    private static QwenCredential Login(int number)
    {
        return new QwenCredential($"access-{number}", Epoch.AddSeconds(number), $"refresh-{number}")
        {
            ObtainedAt = Epoch.AddSeconds(number - 1),
        };
    }
}
