// The namespace is what the library knows such handlers by.
namespace Microsoft.Extensions.Http.Resilience.Fakes;

internal sealed class FakeResilienceHandler : DelegatingHandler;
