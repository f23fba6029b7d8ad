using System.Diagnostics.CodeAnalysis;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>Checks the options of one registration, when its host starts and when they are reloaded. Thread-safe.</summary>
internal sealed class OptionsCheck<TOptions> : IValidateOptions<TOptions>
    where TOptions : QwenClientOptions, IPipelineOptions
{
    private readonly HashSet<string> _told = new(StringComparer.OrdinalIgnoreCase);
    private readonly IServiceProvider _services;
    private readonly string _name;
    private readonly object? _serviceKey;
    private readonly IConfiguration? _section;
    private readonly OptionKeys _keys;

    public OptionsCheck(
        IServiceProvider services,
        string name,
        object? serviceKey,
        IConfiguration? section,
        OptionKeys keys
    )
    {
        _services = services;
        _name = name;
        _serviceKey = serviceKey;
        _section = section;
        _keys = keys;
    }

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        if (name != _name)
        {
            return ValidateOptionsResult.Skip;
        }

        TellUnknownKeys();
        var faults = options.Faults();
        if (!HasCredential(options))
        {
            faults.Add(nameof(options.ApiKey), $"is empty. {ApiKeyAdvice}");
        }

        return faults.All.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(faults.All.Select(fault => PathOf(fault.Path) + " " + fault.Text));
    }

    private static string ApiKeyAdvice =>
        $"There is no API key. Set it, or the environment variable {QwenClientOptions.ApiKeyVariable}, or register an "
        + $"{nameof(IQwenCredentialProvider)}. {ApiKey.WithoutAKey}";

    private bool HasCredential(TOptions options)
    {
        return !string.IsNullOrWhiteSpace(options.ApiKey)
            || PipelineRules.UsesLogin(options.OAuth)
            || HasProvider()
            || !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(QwenClientOptions.ApiKeyVariable));
    }

    // Only whether there is one: making it may read files or ask servers.
    private bool HasProvider()
    {
        return _serviceKey is null
            ? _services.GetService<IServiceProviderIsService>()?.IsService(typeof(IQwenCredentialProvider)) != false
            : _services
                .GetService<IServiceProviderIsKeyedService>()
                ?.IsKeyedService(typeof(IQwenCredentialProvider), _serviceKey) != false;
    }

    // As users would look for it: in the configuration, or else by the options and the name they were registered with.
    private string PathOf(string path)
    {
        return _section switch
        {
            IConfigurationSection section => ConfigurationPath.Combine(section.Path, path),
            not null => path,
            _ => $"{typeof(TOptions).Name}{(_name.Length == 0 ? "" : $"[{_name}]")}:{path}",
        };
    }

    private void TellUnknownKeys()
    {
        if (_section is null)
        {
            return;
        }

        var logger = _services.GetService<ILoggerFactory>()?.CreateLogger<TOptions>();
        foreach (var (path, known) in _keys.UnknownOf(_section))
        {
            lock (_told)
            {
                if (!_told.Add(path))
                {
                    continue;
                }
            }

            logger?.UnknownOption(path, known);
        }
    }
}

/// <summary>Has options checked.</summary>
internal static class OptionsCheckExtensions
{
    /// <summary>Checks options at the start of the host, and whenever they are made.</summary>
    public static void Checked<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions
    >(this OptionsBuilder<TOptions> options, object? serviceKey, IConfiguration? section, OptionKeys keys)
        where TOptions : QwenClientOptions, IPipelineOptions
    {
        options.Services.TryAddSingleton<KnownPipelines>();
        options.Services.AddSingleton(new Registration(typeof(TOptions), options.Name, serviceKey));
        options.Services.AddSingleton<IValidateOptions<TOptions>>(services => new OptionsCheck<TOptions>(
            services,
            options.Name,
            serviceKey,
            section,
            keys
        ));
        options.ValidateOnStart();
    }
}
