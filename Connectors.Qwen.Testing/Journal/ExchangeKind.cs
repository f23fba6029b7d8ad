namespace Connectors.Qwen.Testing;

/// <summary>Which endpoint a request was for.</summary>
internal enum ExchangeKind
{
    Chat,
    Token,
    Device,
    TemporaryKey,
    Unknown,
}
