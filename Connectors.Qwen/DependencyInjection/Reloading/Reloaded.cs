using System.Diagnostics.CodeAnalysis;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>
/// What is made of options, and made anew when they change. Whoever uses the one before is not disturbed. Options that cannot be used
/// leave everything as it is. Thread-safe.
/// </summary>
internal sealed class Reloaded<
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions,
    T
> : IDisposable
    where TOptions : QwenClientOptions, IPipelineOptions
    where T : class, IDisposable
{
    private readonly object _gate = new();
    private readonly IOptionsChangeTokenSource<TOptions>[] _sources;
    private readonly IChangeToken[] _changesSinceRead;
    private readonly List<IDisposable> _subscriptions = [];
    private readonly IOptionsFactory<TOptions> _factory;
    private readonly string _name;
    private readonly string _label;
    private readonly ILogger _logger;
    private Func<TOptions, T>? _make;
    private volatile TOptions _options;
    private volatile T? _current;
    private string? _refused;
    private bool _isDisposed;

    /// <summary>Reads the options.</summary>
    /// <exception cref="OptionsValidationException">They cannot be used.</exception>
    public Reloaded(IServiceProvider services, string name)
    {
        // Not the monitor: it forgets the last good options when the new ones are bad.
        _factory = services.GetRequiredService<IOptionsFactory<TOptions>>();
        _name = name;
        _label = name.Length == 0 ? typeof(TOptions).Name : $"{typeof(TOptions).Name}[{name}]";
        _logger = (ILogger?)services.GetService<ILoggerFactory>()?.CreateLogger<TOptions>() ?? NullLogger.Instance;
        _sources =
        [
            .. services
                .GetServices<IOptionsChangeTokenSource<TOptions>>()
                .Where(source => (source.Name ?? Microsoft.Extensions.Options.Options.DefaultName) == name),
        ];
        _changesSinceRead = [.. _sources.Select(static source => source.GetChangeToken())];
        _options = _factory.Create(name);
    }

    /// <summary>The last options that could be used.</summary>
    public TOptions Options => _options;

    /// <summary>What was made of them.</summary>
    public T Current => _current!;

    /// <summary>What was made for this registration only, and ends with it.</summary>
    public IDisposable? Owned { get; set; }

    /// <summary>Makes the first, and keeps how it is made.</summary>
    public void Begin(Func<TOptions, T> make)
    {
        lock (_gate)
        {
            _current = make(_options);
            _make = make;
            foreach (var source in _sources)
            {
                _subscriptions.Add(ChangeToken.OnChange(source.GetChangeToken, Reload));
            }

            if (_changesSinceRead.Any(static change => change.HasChanged))
            {
                Reload();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _subscriptions.ForEach(static subscription => subscription.Dispose());
        // Those before are not: their calls may still run, and hold nothing of their own but memory.
        _current?.Dispose();
        Owned?.Dispose();
    }

    private void Reload()
    {
        lock (_gate)
        {
            if (_isDisposed || _make is null)
            {
                return;
            }

            string? why;
            try
            {
                var options = _factory.Create(_name);
                why = FixedOptions.Change(_options, options);
                if (why is null)
                {
                    _current = _make(options);
                    _options = options;
                    _logger.OptionsReloaded(_label);
                }
            }
            catch (Exception e)
            {
                // Whatever it is, it must not reach whoever has changed a file.
                why = e.Message;
            }

            // A file that is written in pieces is read more than once.
            if (why is not null && why != _refused)
            {
                _logger.ReloadRefused(_label, why);
            }

            _refused = why;
        }
    }
}
