using System.Net;
using System.Net.Sockets;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.UnitTests.Pipeline;

public class FailureTests
{
    public static TheoryData<Exception, QwenFailureKind> Known =>
        new()
        {
            { new QwenException(EmptyResponse, "empty"), EmptyResponse },
            { new QwenAuthenticationException("no"), Authentication },
            { new HttpRequestException("x", null, HttpStatusCode.TooManyRequests), RateLimited },
            { new HttpRequestException("x", null, HttpStatusCode.Unauthorized), Authentication },
            { new HttpRequestException("x", null, HttpStatusCode.GatewayTimeout), ServerTimeout },
            { new HttpRequestException("x", null, HttpStatusCode.BadRequest), InvalidRequest },
            { new HttpRequestException("x"), Connection },
            { new IOException("x"), Connection },
            { new EndOfStreamException("x"), Connection },
            { new SocketException(111), Connection },
            { new TimeoutException("x"), RequestTimeout },
            { new TaskCanceledException("HttpClient.Timeout", new TimeoutException()), RequestTimeout },
        };

    public static TheoryData<Exception> Unknown =>
        [
            new OperationCanceledException(),
            new TaskCanceledException(),
            new InvalidOperationException(),
            new ArgumentException("x"),
            new NotSupportedException(),
        ];

    [Theory]
    [MemberData(nameof(Known))]
    public void Of_KnownException_IsItsKind(Exception exception, QwenFailureKind expected)
    {
        Assert.Equal(expected, Failure.Of(exception, null)?.Kind);
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Of_UnknownException_IsNone(Exception exception)
    {
        Assert.Null(Failure.Of(exception, null));
        Assert.Null(Failure.Of(exception, _ => null));
    }

    [Fact]
    public void Of_QwenException_CarriesItsFacts()
    {
        var exception = new QwenException(RateLimited, "slow")
        {
            RetryAfter = TimeSpan.FromSeconds(7),
            RequestId = "U",
        };

        Assert.Equal(new Failure(RateLimited, TimeSpan.FromSeconds(7), false, "U"), Failure.Of(exception, null));
    }

    [Fact]
    public void Of_StreamThatEndedInOrder_SaysSoAndWhatItHasCost()
    {
        var usage = new UsageDetails { InputTokenCount = 3 };
        var exception = new QwenException(StreamInterrupted, "ended") { EndedCleanly = true, ReportedUsage = usage };

        var failure = Failure.Of(exception.AsOutcome("gave up", 1), null)!.Value;

        Assert.True(failure.EndedCleanly);
        Assert.Same(usage, failure.Usage);
        Assert.False(Failure.Of(new QwenException(StreamInterrupted, "broke off"), null)!.Value.EndedCleanly);
    }

    [Fact]
    public void Of_ForeignException_IsWhatTheCallerSays()
    {
        Assert.Equal(RateLimited, Failure.Of(new InvalidOperationException(), _ => RateLimited)?.Kind);
    }

    [Fact]
    public void Of_BclException_IsWhatTheCallerSaysFirst()
    {
        Assert.Equal(NotFound, Failure.Of(new TimeoutException(), _ => NotFound)?.Kind);
    }

    [Fact]
    public void Of_QwenException_IsNotJudgedByTheCaller()
    {
        Assert.Equal(ServerError, Failure.Of(new QwenException(ServerError, "x"), _ => NotFound)?.Kind);
    }

    [Fact]
    public void Of_RefusedCertificate_IsPermanent()
    {
        var refused = new HttpRequestException(
            HttpRequestError.SecureConnectionError,
            inner: new System.Security.Authentication.AuthenticationException()
        );

        Assert.True(Failure.Of(refused, null)?.IsPermanent);
    }

    [Fact]
    public void Of_HandshakeThatWasCut_IsAConnection()
    {
        var cut = new HttpRequestException(HttpRequestError.SecureConnectionError, inner: new IOException());

        Assert.Equal(new Failure(Connection, null, false, null), Failure.Of(cut, null));
    }

    [Fact]
    public void Of_PermanentException_IsPermanent()
    {
        Assert.True(Failure.Of(new QwenException(Protocol, "redirect") { IsPermanent = true }, null)?.IsPermanent);
        Assert.False(Failure.Of(new QwenException(Protocol, "not JSON"), null)?.IsPermanent);
    }
}
