namespace Connectors.Qwen.Testing;

/// <summary>Which endpoint a request was for.</summary>
internal enum ExchangeKind
{
    Chat,
    Embeddings,
    Token,
    Device,
    TemporaryKey,
    ModelCatalogue,
    Unknown,
}
