using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>
/// Sees everything that leaves the library beside the wire, while it lives: logs with their state, exceptions with all they hold,
/// activities, metric tags, and what public objects say of themselves. Afterwards it says where a secret was in it.
/// </summary>
internal sealed partial class SecretWatch : IDisposable
{
    // A secret that was cut is one too.
    private const int Telling = 12;

    private static readonly AsyncLocal<SecretWatch?> Ambient = new();

    private readonly ConcurrentQueue<(string Where, string Text)> _seen = new();
    private readonly ConcurrentDictionary<Exception, byte> _exceptions = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<string, byte> _secrets = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();

    public SecretWatch()
    {
        Ambient.Value = this;
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        Measure<long>();
        Measure<int>();
        Measure<double>();
        _meters.Start();
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
    }

    /// <summary>The one that watches what runs here.</summary>
    public static SecretWatch? Current => Ambient.Value;

    /// <summary>How many things were seen.</summary>
    public int Seen => _seen.Count + _exceptions.Count;

    public int Secrets => _secrets.Count;

    public void AddSecret(string? secret)
    {
        if (secret is { Length: >= Telling })
        {
            _secrets.TryAdd(secret, 0);
        }
    }

    /// <summary>Takes every secret that went over the wire.</summary>
    public void AddSecretsOf(QwenJournal journal)
    {
        foreach (var exchange in journal.Exchanges)
        {
            AddSecret(exchange.Token);
            foreach (var field in new[] { "refresh_token", "device_code", "code_verifier" })
            {
                AddSecret(exchange.Request.Form.GetValueOrDefault(field));
            }
        }
    }

    public void See(string where, object? thing)
    {
        switch (thing)
        {
            case null:
                return;
            case string text:
                _seen.Enqueue((where, text));
                return;
            case Exception exception:
                _exceptions.TryAdd(exception, 0);
                return;
            case IEnumerable<KeyValuePair<string, object?>> pairs:
                foreach (var (key, value) in pairs)
                {
                    See($"{where}: {key}", value);
                }

                return;
        }

        See(where, thing.ToString());
        See($"{where} in the debugger", DebuggerText(thing));
    }

    /// <summary>Where secrets were seen.</summary>
    public IReadOnlyList<string> Findings()
    {
        foreach (var exception in _exceptions.Keys)
        {
            SeeAll(exception);
        }

        var parts = _secrets
            .Keys.SelectMany(static secret => new[] { secret[..Telling], secret[^Telling..] })
            .ToArray();
        return
        [
            .. _seen
                .Where(seen =>
                    Simulated().IsMatch(seen.Text)
                    || parts.Any(part => seen.Text.Contains(part, StringComparison.Ordinal))
                )
                .Select(static seen => $"{seen.Where}: {seen.Text}")
                .Distinct(),
        ];
    }

    public void Dispose()
    {
        Ambient.Value = null;
        AppDomain.CurrentDomain.FirstChanceException -= Thrown;
        _activities.Dispose();
        _meters.Dispose();
    }

    /// <summary>What the simulator hands out, also what was never sent.</summary>
    [GeneratedRegex("(access|refresh|device|st)-[0-9a-f]{12}")]
    private static partial Regex Simulated();

    /// <summary>What the debugger shows of an object in one line.</summary>
    private static string? DebuggerText(object thing)
    {
        var type = thing.GetType();
        var pattern = type.GetCustomAttribute<DebuggerDisplayAttribute>()?.Value;
        return pattern is null
            ? null
            : Regex.Replace(
                pattern,
                @"\{(\w+)(\(\))?[^}]*\}",
                match =>
                {
                    const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
                    var name = match.Groups[1].Value;
                    var value =
                        match.Groups[2].Length > 0
                            ? type.GetMethod(name, All, [])?.Invoke(thing, null)
                            : type.GetProperty(name, All)?.GetValue(thing) ?? type.GetField(name, All)?.GetValue(thing);
                    return value?.ToString() ?? "";
                }
            );
    }

    private void SeeAll(Exception exception)
    {
        See(exception.GetType().Name, exception.ToString());
        for (var one = exception; one is not null; one = one.InnerException)
        {
            var where = one.GetType().Name;
            foreach (System.Collections.DictionaryEntry entry in one.Data)
            {
                See($"{where}.Data", entry.Key.ToString());
                See($"{where}.Data", entry.Value?.ToString());
            }

            // What a logger writes that writes all properties; the answer's text is in one of them on purpose.
            foreach (var property in one.GetType().GetProperties())
            {
                if (property.GetIndexParameters().Length == 0 && property.PropertyType != typeof(MethodBase))
                {
                    See($"{where}.{property.Name}", property.GetValue(one)?.ToString());
                }
            }
        }
    }

    private void Measure<T>()
        where T : struct
    {
        _meters.SetMeasurementEventCallback<T>(
            (instrument, _, tags, _) =>
            {
                foreach (var (key, value) in tags)
                {
                    See($"{instrument.Name}: {key}", value?.ToString());
                }
            }
        );
    }

    private void Stopped(Activity activity)
    {
        See("activity", activity.DisplayName);
        See("activity", activity.StatusDescription);
        See($"activity {activity.OperationName}", activity.TagObjects);
        foreach (var (key, value) in activity.Baggage)
        {
            See($"baggage {key}", value);
        }

        foreach (var happened in activity.Events)
        {
            See($"activity event {happened.Name}", happened.Tags);
        }
    }

    private void Thrown(object? sender, FirstChanceExceptionEventArgs happened)
    {
        // Other tests do not run meanwhile, so what belongs to nobody belongs to us.
        _exceptions.TryAdd(happened.Exception, 0);
    }
}
