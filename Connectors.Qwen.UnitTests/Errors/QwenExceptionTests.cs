using System.Net;

namespace Connectors.Qwen.UnitTests.Errors;

public class QwenExceptionTests
{
    [Fact]
    public void Constructor_Status_IsAnHttpRequestExceptionWithIt()
    {
        HttpRequestException e = new QwenException(
            QwenFailureKind.ServerError,
            "failed",
            new IOException("inner"),
            HttpStatusCode.BadGateway
        );

        Assert.Equal(HttpStatusCode.BadGateway, e.StatusCode);
        Assert.Equal("failed", e.Message);
        Assert.IsType<IOException>(e.InnerException);
    }

    [Fact]
    public void Constructor_CauseWithRequestError_KeepsIt()
    {
        var cause = new HttpRequestException(HttpRequestError.SecureConnectionError);

        var e = new QwenException(QwenFailureKind.Connection, "failed", cause);

        Assert.Equal(HttpRequestError.SecureConnectionError, e.HttpRequestError);
    }

    [Fact]
    public void Attempts_NotSet_IsOne()
    {
        Assert.Equal(1, new QwenException(QwenFailureKind.ServerError, "failed").Attempts);
    }

    [Fact]
    public void AsOutcome_FullException_CopiesEverythingAndKeepsItInside()
    {
        var handle = new object();
        var usage = new object();
        var cause = new QwenException(
            QwenFailureKind.RateLimited,
            "slow down",
            new HttpRequestException(HttpRequestError.ProxyTunnelError),
            HttpStatusCode.TooManyRequests
        )
        {
            ErrorCode = "Throttling",
            ServerMessage = "Too many requests",
            Parameter = "n",
            RequestId = "U",
            RetryAfter = TimeSpan.FromSeconds(7),
            PartialText = "Hel",
            Endpoint = QwenEndpoints.Beijing,
            CredentialHandle = handle,
            EndedCleanly = true,
            ReportedUsage = usage,
        };

        var outcome = cause.AsOutcome("gave up", 4);

        Assert.Equal("gave up", outcome.Message);
        Assert.Equal(4, outcome.Attempts);
        Assert.Same(cause, outcome.InnerException);
        Assert.Equal(QwenFailureKind.RateLimited, outcome.Kind);
        Assert.Equal(HttpStatusCode.TooManyRequests, outcome.StatusCode);
        Assert.Equal(HttpRequestError.ProxyTunnelError, outcome.HttpRequestError);
        Assert.Equal("Throttling", outcome.ErrorCode);
        Assert.Equal("Too many requests", outcome.ServerMessage);
        Assert.Equal("n", outcome.Parameter);
        Assert.Equal("U", outcome.RequestId);
        Assert.Equal(TimeSpan.FromSeconds(7), outcome.RetryAfter);
        Assert.Equal("Hel", outcome.PartialText);
        Assert.Equal(QwenEndpoints.Beijing, outcome.Endpoint);
        Assert.Same(handle, outcome.CredentialHandle);
        Assert.True(outcome.EndedCleanly);
        Assert.Same(usage, outcome.ReportedUsage);
    }

    [Fact]
    public void AsOutcome_PartialTextOfTheWholeCall_ReplacesThatOfTheLastAttempt()
    {
        var cause = new QwenException(QwenFailureKind.StreamInterrupted, "broke off") { PartialText = "lo" };

        Assert.Equal("Hello", cause.AsOutcome("gave up", 2, "Hello").PartialText);
    }

    [Fact]
    public void AsOutcome_CalledTwice_ReturnsTwoObjects()
    {
        var shared = new QwenException(QwenFailureKind.Connection, "down");

        Assert.NotSame(shared.AsOutcome("a", 1), shared.AsOutcome("a", 1));
    }

    [Fact]
    public void AsOutcome_AuthenticationException_StaysItsType()
    {
        var cause = new QwenAuthenticationException("no", null, HttpStatusCode.Unauthorized) { RequestId = "U" };

        var outcome = Assert.IsType<QwenAuthenticationException>(cause.AsOutcome("gave up", 2, "Hel"));

        Assert.Equal(QwenFailureKind.Authentication, outcome.Kind);
        Assert.Equal(HttpStatusCode.Unauthorized, outcome.StatusCode);
        Assert.Equal(("U", 2, "Hel"), (outcome.RequestId, outcome.Attempts, outcome.PartialText));
        Assert.Same(cause, outcome.InnerException);
    }

    [Fact]
    public void Constructor_NoKind_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>("kind", () => new QwenException((QwenFailureKind)99, "failed"));
    }
}
