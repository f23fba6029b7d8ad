using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

public class RenewalMemoryTests
{
    private static readonly QwenException Failure = new(QwenFailureKind.ServerError, "down");

    private readonly SplitTime _time = new();
    private readonly RenewalMemory _memory;

    public RenewalMemoryTests()
    {
        _memory = new RenewalMemory(_time);
    }

    [Fact]
    public void Memory_Empty_KnowsNothing()
    {
        Assert.False(_memory.IsPaused);
        Assert.Null(_memory.Echo);
        Assert.False(_memory.WasRenewedWithin(TimeSpan.FromDays(1)));
        Assert.False(_memory.IsRejected(new("t")));
        Assert.False(_memory.IsSuspected(new("t")));
    }

    [Fact]
    public void Failed_Pause_Lasts30SecondsAndTheEchoOne()
    {
        _memory.Failed(Failure);
        Assert.Same(Failure, _memory.Echo);

        Pass(0.999);
        Assert.Same(Failure, _memory.Echo);
        Pass(0.001);
        Assert.Null(_memory.Echo);
        Assert.True(_memory.IsPaused);
        Pass(28.999);
        Assert.True(_memory.IsPaused);
        Pass(0.001);
        Assert.False(_memory.IsPaused);
    }

    [Theory]
    [InlineData(QwenFailureKind.Authentication, false)]
    [InlineData(QwenFailureKind.CredentialStore, false)]
    [InlineData(QwenFailureKind.Connection, true)]
    [InlineData(QwenFailureKind.ServerTimeout, true)]
    public void Failed_WhatAPersonCanPutRight_IsNotEchoed(QwenFailureKind kind, bool isEchoed)
    {
        _memory.Failed(new QwenException(kind, "no"));

        Assert.Equal(isEchoed, _memory.Echo is not null);
        Assert.True(_memory.IsPaused);
    }

    [Fact]
    public void Renewed_AfterAFailure_EndsThePause()
    {
        _memory.Failed(Failure);

        _memory.Renewed(_time.GetTimestamp());

        Assert.False(_memory.IsPaused);
        Assert.Null(_memory.Echo);
        Pass(29.999);
        Assert.True(_memory.WasRenewedWithin(TimeSpan.FromSeconds(30)));
        Pass(0.001);
        Assert.False(_memory.WasRenewedWithin(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Reject_ManyTokens_RemembersTheLastEight()
    {
        for (var i = 0; i < 9; i++)
        {
            _memory.Reject(new QwenCredential($"t{i}"));
            // The same again does not push another one out.
            _memory.Reject(new QwenCredential($"t{i}"));
        }

        Assert.False(_memory.IsRejected(new QwenCredential("t0")));
        Assert.All(Enumerable.Range(1, 8), i => Assert.True(_memory.IsRejected(new QwenCredential($"t{i}"))));
    }

    [Fact]
    public void Reject_After30Seconds_IsForgotten()
    {
        _memory.Reject(new("t1"));
        Pass(29.999);
        Assert.True(_memory.IsRejected(new("t1")));

        Pass(0.001);

        Assert.False(_memory.IsRejected(new("t1")));
    }

    [Fact]
    public void Accept_RejectedToken_IsForgottenAtOnce()
    {
        _memory.Reject(new("t1"));
        _memory.Reject(new("t2"));

        _memory.Accept(new("t1"));

        Assert.False(_memory.IsRejected(new("t1")));
        Assert.True(_memory.IsRejected(new("t2")));
    }

    [Fact]
    public void TrySuspect_SameLogin_IsOnceInTenMinutes()
    {
        Assert.True(_memory.TrySuspect(new("t1")));
        Assert.True(_memory.IsSuspected(new("t1")));

        Pass(599.999);
        Assert.False(_memory.TrySuspect(new("t1")));
        // The next token of the login is the same login.
        Assert.False(_memory.TrySuspect(new("t2")));
        Assert.False(_memory.IsSuspected(new("t2")));

        Pass(0.001);
        Assert.True(_memory.TrySuspect(new("t2")));
        Assert.False(_memory.IsSuspected(new("t1")));
    }

    private void Pass(double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
    }
}
