using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>An API key that does not end; where it comes from a source that may change, a changed key is picked up. Thread-safe.</summary>
/// <remarks>A source that fails or gives nothing for a moment, as in the middle of a rotation, does not cost the key that is known.</remarks>
public sealed class ApiKeyCredentialProvider : IQwenCredentialProvider
{
    private readonly IKeySource? _source;
    private readonly ILogger _logger;
    private volatile Known? _known;

    /// <summary>Creates the provider of a key that stays the same.</summary>
    /// <param name="apiKey">The key.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that a header cannot carry.</exception>
    public ApiKeyCredentialProvider(string apiKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(apiKey);
        _logger = NullLogger.Instance;
        _known = new Known(apiKey, new QwenCredential(apiKey.Trim()));
    }

    /// <summary>Creates the provider of a key that may change, as in options that are reloaded.</summary>
    /// <param name="readKey">Gives the key as it is now; called for each request, by many at once, so it should only look.</param>
    /// <param name="loggerFactory">Where changes are logged.</param>
    public ApiKeyCredentialProvider(Func<string?> readKey, ILoggerFactory? loggerFactory = null)
        : this(new FunctionKeySource(readKey ?? throw new ArgumentNullException(nameof(readKey))), loggerFactory) { }

    private ApiKeyCredentialProvider(IKeySource source, ILoggerFactory? loggerFactory)
    {
        _source = source;
        _logger = (ILogger?)loggerFactory?.CreateLogger<ApiKeyCredentialProvider>() ?? NullLogger.Instance;
    }

    /// <summary>Creates the provider of a key that stands in a file, as in a mounted secret.</summary>
    /// <param name="path">The file; it holds the key and nothing else but white space. May begin with <c>~/</c>. It is looked at once a
    /// second at most while there is a key, and after a rejection.</param>
    /// <param name="loggerFactory">Where changes are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static ApiKeyCredentialProvider FromFile(
        string path,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new(
            new FileKeySource(CredentialFilePath.Expand(path)!, timeProvider ?? TimeProvider.System),
            loggerFactory
        );
    }

    /// <inheritdoc/>
    /// <exception cref="QwenAuthenticationException">There is no key, and there was none before.</exception>
    public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
    {
        return new(Current(isRejected: false));
    }

    /// <summary>The key as it is now, if it is another one; null when there is no other.</summary>
    /// <param name="rejected">The rejected credential.</param>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<QwenCredential?> RenewCredentialAsync(
        QwenCredential rejected,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rejected);
        var current = Current(isRejected: true);
        return new(current.AccessToken == rejected.AccessToken ? null : current);
    }

    private QwenCredential Current(bool isRejected)
    {
        var known = _known;
        if (_source is null)
        {
            return known!.Credential;
        }

        var text = Read(isRejected, out var why);
        // The very same text is the usual case: nothing to compare, nothing to make.
        return known is not null && (text is null || text == known.Text || text.Trim() == known.Credential.AccessToken)
            ? known.Credential
            : Rotate(text, known, why);
    }

    private string? Read(bool isRejected, out Exception? why)
    {
        why = null;
        try
        {
            return _source!.Read(isRejected) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
        }
        catch (Exception e)
        {
            why = e;
            return null;
        }
    }

    private QwenCredential Rotate(string? text, Known? known, Exception? why)
    {
        try
        {
            var credential = new QwenCredential(
                text?.Trim()
                    ?? throw new QwenAuthenticationException(
                        $"There is no API key: {_source!.Described} gives none.",
                        why
                    )
            );
            _known = new Known(text, credential);
            if (known is not null)
            {
                _logger.ApiKeyRotated(credential.Fingerprint, known.Credential.Fingerprint);
            }

            return credential;
        }
        catch (ArgumentException e)
        {
            if (known is null)
            {
                throw new QwenAuthenticationException(
                    $"The API key of {_source!.Described} cannot be used. {e.Message}"
                );
            }

            _logger.ApiKeyNotUsable(e.Message);
            // Said once: this text is not looked at again.
            _known = new Known(text!, known.Credential);
            return known.Credential;
        }
    }

    private sealed record Known(string Text, QwenCredential Credential)
    {
        // A record prints what it holds.
        public override string ToString()
        {
            return Credential.ToString();
        }
    }
}
