using System.Diagnostics;

namespace Connectors.Qwen.Worker;

/// <summary>Uses the login through its provider, as a program would.</summary>
internal static class Renewals
{
    /// <summary>One credential; with <c>--reject</c> another one in the place of what was handed out first.</summary>
    public static async Task<int> OnceAsync(Order order)
    {
        await using var provider = order.Provider();
        var rejected = order.Has("reject") ? await provider.GetCredentialAsync() : null;
        if (!Talk.Ready())
        {
            return 2;
        }

        var credential = rejected is null
            ? await provider.GetCredentialAsync()
            : await provider.RenewCredentialAsync(rejected);
        Talk.Say($"token {credential?.AccessToken}");
        return 0;
    }

    /// <summary>Asks for the credential again and again and counts; with <c>--reject</c> each new one is rejected once.</summary>
    public static async Task<int> HammerAsync(Order order)
    {
        await using var provider = order.Provider();
        if (!Talk.Ready())
        {
            return 2;
        }

        var (calls, failures, ended) = (0, 0, 0);
        var failure = "";
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(order.Number("seconds")))
        {
            try
            {
                calls++;
                var before = DateTimeOffset.UtcNow;
                var credential = await provider.GetCredentialAsync();
                ended += credential.ExpiresAt <= before ? 1 : 0;
                if (tokens.Add(credential.AccessToken) && order.Has("reject"))
                {
                    await provider.RenewCredentialAsync(credential);
                }
            }
            catch (QwenException e)
            {
                failures++;
                failure = $" {e.Kind}: {e.Message}";
            }

            if (calls % 50 == 0)
            {
                // The others, and the server, are on the same few cores.
                await Task.Delay(1);
            }
        }

        Talk.Say($"calls={calls} failures={failures} ended={ended} tokens={tokens.Count}{failure}");
        return failures + ended == 0 ? 0 : 1;
    }
}
