using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>One registration: the name of its options, and the key of its service.</summary>
internal sealed record Registration(Type Options, string Name, object? ServiceKey);

internal static class RegistrationExtensions
{
    /// <summary>The name for the options of one more registration. Under a name that is taken they would be laid over the first one's.</summary>
    public static string FreeName<TOptions>(this IServiceCollection services, string name)
    {
        var taken = services
            .Where(static service => service.ServiceType == typeof(Registration))
            .Select(static service => (Registration)service.ImplementationInstance!)
            .Where(static registration => registration.Options == typeof(TOptions))
            .Select(static registration => registration.Name)
            .ToHashSet(StringComparer.Ordinal);
        var free = name;
        for (var number = 2; taken.Contains(free); number++)
        {
            free = FormattableString.Invariant($"{name}#{number}");
        }

        return free;
    }
}
