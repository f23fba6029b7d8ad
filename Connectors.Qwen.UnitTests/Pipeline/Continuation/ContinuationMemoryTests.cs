using Connectors.Qwen.Continuation;
using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation;

/// <summary>Row C1, who is asked; C19 and C20, what is learned.</summary>
public sealed class ContinuationMemoryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly Source _source = new();
    private readonly StreamingFallbackOptions _options = new();

    [Theory, InlineData(true, true), InlineData(false, false), InlineData(null, false)]
    public async Task MayContinueAsync_TheServicesWord_Decides(bool? said, bool expected)
    {
        Says(said);

        Assert.Equal(expected, await Memory().MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None));
    }

    [Fact]
    public async Task MayContinueAsync_ForeignClient_IsNotKnown()
    {
        var memory = new ContinuationMemory(Mock.Of<IChatClient>(), _options, _time, _logger);

        Assert.False(await memory.MayContinueAsync("qwen3-max", TimeSpan.MaxValue, CancellationToken.None));
    }

    [Theory]
    [
        InlineData("my-model", "my-model", true),
        InlineData("My-Model", "my-model", true),
        InlineData("my-*", "my-model", true)
    ]
    [InlineData("*", "anything", true), InlineData("my", "my-model", false), InlineData("*model", "my-model", false)]
    public async Task MayContinueAsync_NamedModel_IsKnownWithoutAsking(string name, string model, bool expected)
    {
        _options.ContinuationModels.Add(name);
        if (!expected)
        {
            Says(null);
        }

        Assert.Equal(expected, await Memory().MayContinueAsync(model, TimeSpan.MaxValue, CancellationToken.None));
    }

    [Theory, InlineData(true, 60), InlineData(false, 60), InlineData(null, 5)]
    public async Task MayContinueAsync_WhatWasSaid_IsRememberedForATime(bool? said, int minutes)
    {
        Says(said);
        var memory = Memory();

        await memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        await memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None);
        Asked(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None);
        Asked(2);
    }

    [Fact]
    public async Task MayContinueAsync_ManyAtOnce_AskOnceAndOneMayLeave()
    {
        var answer = new TaskCompletionSource<bool?>();
        _source.Says = () => answer.Task;
        var memory = Memory();
        using var leaving = new CancellationTokenSource();

        var first = memory.MayContinueAsync("m", TimeSpan.MaxValue, leaving.Token).AsTask();
        var second = memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(true);

        Assert.True(await second);
        Asked(1);
    }

    [Fact]
    public async Task MayContinueAsync_AskingFails_IsNotKnown()
    {
        _source.Says = static () => throw new QwenException(QwenFailureKind.CredentialStore, "no login");

        Assert.False(await Memory().MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None));
    }

    [Fact]
    public async Task Refused_Model_IsNotAskedForAnHour()
    {
        _options.ContinuationModels.Add("*");
        var memory = Memory();

        memory.Refused("m");

        Assert.False(await memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None));
        Assert.True(await memory.MayContinueAsync("other", TimeSpan.MaxValue, CancellationToken.None));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(await memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None));
        Assert.Single(_logger.Entries, static entry => entry.Id == 315);
    }

    [Fact]
    public async Task MayContinueAsync_NobodyAnswers_IsNotKnownWhenTheCallHasNoMoreTime()
    {
        _source.Says = static () => new TaskCompletionSource<bool?>().Task;
        var memory = Memory();

        var waiting = memory.MayContinueAsync("m", TimeSpan.FromSeconds(3), CancellationToken.None).AsTask();
        var patient = memory.MayContinueAsync("m", TimeSpan.MaxValue, CancellationToken.None).AsTask();
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await waiting.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
        Assert.False(patient.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.False(await patient.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
    }

    [Fact]
    public void TrustsEnd_AfterAnHour_IsProbedAgain()
    {
        var memory = Memory();
        for (var i = 0; i < 3; i++)
        {
            memory.EndProbed("m", wasWhole: true);
        }

        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(memory.TrustsEnd("m"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(memory.TrustsEnd("m"));
    }

    [Theory]
    [InlineData("www", true), InlineData("ww", false), InlineData("wwwh", false), InlineData("hwwwwww", false)]
    public void EndProbed_OnlyWholeOnes_AreTrusted(string ends, bool trusted)
    {
        var memory = Memory();

        foreach (var end in ends)
        {
            memory.EndProbed("m", wasWhole: end == 'w');
        }

        Assert.Equal(trusted, memory.TrustsEnd("m"));
    }

    [Fact]
    public async Task EveryModelIsNew_MemoryIsBoundedAndTheRestIsAskedForAnew()
    {
        Says(true);
        var memory = Memory();
        for (var i = 0; i < 300; i++)
        {
            await memory.MayContinueAsync($"m{i}", TimeSpan.MaxValue, CancellationToken.None);
        }

        // Of those beyond nothing is kept: each is asked for anew.
        Asked(300);
        Assert.True(await memory.MayContinueAsync("m199", TimeSpan.MaxValue, CancellationToken.None));
        Asked(300);
        Assert.True(await memory.MayContinueAsync("m299", TimeSpan.MaxValue, CancellationToken.None));
        Asked(301);
    }

    private ContinuationMemory Memory()
    {
        var inner = new Mock<IChatClient>();
        inner.Setup(static client => client.GetService(typeof(IContinuesAnswers), null)).Returns(_source);
        return new ContinuationMemory(inner.Object, _options, _time, _logger);
    }

    private void Says(bool? said)
    {
        _source.Says = () => Task.FromResult(said);
    }

    private void Asked(int times)
    {
        Assert.Equal(times, _source.Asked);
    }

    private sealed class Source : IContinuesAnswers
    {
        public Func<Task<bool?>> Says { get; set; } =
            static () => throw new InvalidOperationException("Nobody should ask.");

        public int Asked { get; private set; }

        public RequestTraits Inspect(ChatOptions? options)
        {
            return new RequestTraits { Model = "m" };
        }

        public ValueTask<bool?> ContinuesAsync(string model, CancellationToken cancellationToken)
        {
            Asked++;
            return new(Says());
        }
    }
}
