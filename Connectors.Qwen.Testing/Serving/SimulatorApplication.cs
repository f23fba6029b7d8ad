using Connectors.Qwen.Testing.Embeddings;
using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Connectors.Qwen.Testing.Serving;

/// <summary>Receives requests, enters them in the journal, has them served, and records how that ended.</summary>
internal sealed class SimulatorApplication(SimulatorState state, CancellationToken stopping)
    : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception) { }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        QwenExchange? exchange = null;
        try
        {
            var received = await RequestReader.ReadAsync(context.Request, state, ended.Token).ConfigureAwait(false);
            exchange = state.Journal.Add(context.Request.Method, context.Request.Path.Value ?? "", received);
            await ServeAsync(context, exchange, ended.Token).ConfigureAwait(false);
            exchange.MoveTo(QwenExchangeState.Completed);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            exchange?.MoveTo(QwenExchangeState.Aborted);
            context.Abort();
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            exchange?.MoveTo(QwenExchangeState.ClientLeft);
        }
    }

    private async Task ServeAsync(HttpContext context, QwenExchange exchange, CancellationToken ended)
    {
        var reply = CreateReply(new ReplyContext(context, exchange, state, ended));
        try
        {
            var behavior = exchange.Kind switch
            {
                ExchangeKind.Chat => state.Script.Take(exchange.Request),
                ExchangeKind.Embeddings => state.EmbeddingScript.Take(exchange.Request),
                ExchangeKind.Token => state.TokenScript.Take(exchange.Request),
                ExchangeKind.Device => state.DeviceScript.Take(exchange.Request),
                ExchangeKind.TemporaryKey => state.TemporaryKeyScript.Take(exchange.Request),
                ExchangeKind.ModelCatalogue => state.ModelCatalogueScript.Take(exchange.Request),
                _ => QwenBehavior.Answer(),
            };
            await reply.ServeAsync(behavior).ConfigureAwait(false);
        }
        catch (Exception exception) when (!ended.IsCancellationRequested && !context.Response.HasStarted)
        {
            // A callback of the test failed: it should read that in its own client, not wonder about a closed connection.
            var body = ErrorBodies.Compatible(
                exchange.RequestId,
                "simulator_error",
                "A callback of the simulator failed: " + exception.Message,
                "internal_error"
            );
            reply.SendBody(500, ContentTypes.Json, body);
        }
    }

    private static Reply CreateReply(ReplyContext context) =>
        context.Exchange.Kind switch
        {
            ExchangeKind.Chat => new ChatReply(context),
            ExchangeKind.Embeddings => new EmbeddingReply(context),
            ExchangeKind.Token => new TokenReply(context),
            ExchangeKind.Device => new DeviceReply(context),
            ExchangeKind.TemporaryKey => new TemporaryKeyReply(context),
            ExchangeKind.ModelCatalogue => new ModelCatalogueReply(context),
            _ => new UnknownPathReply(context),
        };
}
