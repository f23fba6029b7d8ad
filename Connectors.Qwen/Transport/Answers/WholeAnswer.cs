using System.Buffers;
using System.Text.Json;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>Reads an answer that comes as one body.</summary>
internal static class WholeAnswer
{
    /// <summary>Reads a completion.</summary>
    public static async Task<WireAnswer> ReadAsync(
        HttpResponseMessage response,
        RequestFacts facts,
        ResponseLimits limits,
        CancellationToken cancellationToken
    )
    {
        var body = await ReadBodyAsync(response, facts, limits, cancellationToken).ConfigureAwait(false);
        var answer = Parse(body, response, AnswerForm.Completion, facts);
        if (limits.KeepsRaw)
        {
            var reader = new Utf8JsonReader(body.Span);
            answer.Raw = JsonElement.ParseValue(ref reader);
        }

        return answer;
    }

    public static async Task<T> ReadAsync<T>(
        HttpResponseMessage response,
        AnswerForm<T> form,
        RequestFacts facts,
        ResponseLimits limits,
        CancellationToken cancellationToken
    )
    {
        var body = await ReadBodyAsync(response, facts, limits, cancellationToken).ConfigureAwait(false);
        return Parse(body, response, form, facts);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpResponseMessage response,
        RequestFacts facts,
        ResponseLimits limits,
        CancellationToken cancellationToken
    )
    {
        var body = new ArrayBufferWriter<byte>(InitialCapacity(response));
        BoundedStream? stream = null;
        try
        {
            stream = await ResponseBody
                .OpenAsync(response, limits, isEventStream: false, cancellationToken)
                .ConfigureAwait(false);
            int read;
            do
            {
                read = await stream.ReadAsync(body.GetMemory(4096), cancellationToken).ConfigureAwait(false);
                body.Advance(read);
            } while (read > 0);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw Arrival.Of(response, stream).Interrupted(e, cancellationToken, facts.RequestId);
        }
        catch (Exception e) when (Translate(e, body.WrittenCount, stream is not null, facts) is { } failure)
        {
            throw failure;
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }

        return body.WrittenMemory;
    }

    private static T Parse<T>(
        ReadOnlyMemory<byte> body,
        HttpResponseMessage response,
        AnswerForm<T> form,
        RequestFacts facts
    )
    {
        if (body.IsEmpty)
        {
            throw facts.Failure(
                QwenFailureKind.EmptyResponse,
                $"{facts.Endpoint.Host} answered HTTP {(int)response.StatusCode} with an empty body. "
                    + FailureTable.Of(QwenFailureKind.EmptyResponse).Advice
            );
        }

        try
        {
            var answer = JsonSerializer.Deserialize(body.Span, form.Type);
            if (answer is not null && form.IsAnswer(answer))
            {
                return form.Failure(answer) is { } failure ? throw ServerFailure.Create(failure, null, facts) : answer;
            }
        }
        catch (JsonException e) when (IsBeginningOfAnObject(body.Span))
        {
            throw facts.Failure(
                QwenFailureKind.StreamInterrupted,
                $"The answer from {facts.Endpoint.Host} ends in the middle, after {body.Length} bytes. "
                    + FailureTable.Of(QwenFailureKind.StreamInterrupted).Advice,
                ServerFailure.WithoutKey(e, facts.Secret)
            );
        }
        catch (JsonException) { }

        if (WireError.Parse(body) is { } error)
        {
            throw ServerFailure.Create(error, null, facts);
        }

        var type =
            ServerFailure.Word(response.Content.Headers.ContentType?.MediaType, facts.Secret) ?? "no content type";
        throw facts.Failure(
            QwenFailureKind.Protocol,
            $"{facts.Endpoint.Host} answered HTTP {(int)response.StatusCode} with {body.Length} bytes of {type}, not with {form.Name}. "
                + FailureTable.Of(QwenFailureKind.Protocol).Advice,
            isPermanent: true
        );
    }

    private static QwenException? Translate(Exception e, int length, bool isOpen, RequestFacts facts)
    {
        var host = facts.Endpoint.Host;
        return e switch
        {
            AnswerTooLargeException => facts.Failure(QwenFailureKind.Protocol, e.Message, e, isPermanent: true),
            InvalidDataException unknown when !isOpen => ServerFailure.Unreadable(unknown, facts),
            _ when ResponseBody.IsDamage(e) => facts.Failure(
                QwenFailureKind.Protocol,
                $"{host} sent damaged compressed data after {length} bytes. {FailureTable.Of(QwenFailureKind.Protocol).Advice}",
                e
            ),
            IOException or HttpRequestException => facts.Failure(
                QwenFailureKind.Connection,
                $"The answer from {host} broke off after {length} bytes.",
                e
            ),
            _ => null,
        };
    }

    // Gateways that cut an answer may end the body in good order.
    private static bool IsBeginningOfAnObject(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, isFinalBlock: false, state: default);
            var isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read()) { }

            return isObject && (reader.CurrentDepth > 0 || reader.TokenType != JsonTokenType.EndObject);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int InitialCapacity(HttpResponseMessage response)
    {
        return (int)Math.Clamp(response.Content.Headers.ContentLength + 1 ?? 4096, 256, 1 << 20);
    }
}
