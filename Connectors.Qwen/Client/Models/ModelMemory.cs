using System.Collections.Concurrent;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Client;

/// <summary>What was learned of each model. It outlives the client that learned it where options are reloaded. Thread-safe.</summary>
internal sealed class ModelLessonsByModel : ConcurrentDictionary<(Uri Endpoint, string? Model), ModelLessons>;

/// <summary>
/// What the models of a client refuse, learned from their answers: each request is adapted to it, and a refusal that would not come again is
/// marked. Thread-safe, of one client alone, and bounded: models are named by callers.
/// </summary>
internal sealed class ModelMemory(IChatClient client, ILogger logger)
{
    /// <summary>Of more models nothing is kept.</summary>
    public const int MaxEntries = 200;

    private ModelLessonsByModel _lessons = new();

    /// <summary>What is learned, and what was before; set before the first request.</summary>
    public ModelLessonsByModel Lessons
    {
        set => _lessons = value;
    }

    /// <summary>Changes a request, before it is sent, to what its model takes, and notes what was changed.</summary>
    public void Adapt(QwenChatRequest request, ChatOptions? options, RequestFacts facts)
    {
        if (!_lessons.TryGetValue((facts.Endpoint, request.Model), out var lessons))
        {
            return;
        }

        if (Adapt(lessons, request, options) is { Count: > 0 } changed)
        {
            facts.Adapted = string.Join(", ", changed);
        }
    }

    /// <summary>Takes in what a refusal of a request says of its model.</summary>
    public void Learn(QwenException failure, QwenChatRequest request, ChatOptions? options, RequestFacts facts)
    {
        if (failure.Refusal is not { Lesson: not ModelLesson.None } refusal)
        {
            return;
        }

        if (refusal.Lesson == ModelLesson.NoJsonInThought)
        {
            // The service has one text for both forms, and models that refuse only one of them.
            refusal = refusal with
            {
                Parameter = ResponseFormatMapper.TypeOf(request.ResponseFormat),
            };
        }

        var key = (facts.Endpoint, request.Model);
        if (!_lessons.ContainsKey(key) && _lessons.Count >= MaxEntries)
        {
            return;
        }

        var isNew = false;
        var lessons = _lessons.AddOrUpdate(
            key,
            _ => Added(ModelLessons.None, refusal, out isNew),
            (_, known) => Added(known, refusal, out isNew)
        );
        if (isNew)
        {
            logger.ModelRefuses(request.Model, facts.Endpoint.Host, refusal.Lesson, refusal.Parameter);
        }

        try
        {
            failure.IsLearned = Adapt(lessons, request.Copy(), options).Count > 0;
        }
        catch (Exception)
        {
            // The caller's own code, asked once more, has failed: the refusal is what the caller must see.
        }
    }

    private IReadOnlyList<string> Adapt(ModelLessons lessons, QwenChatRequest request, ChatOptions? options)
    {
        var given = new GivenParameters(options, client);
        return AdaptationPlan.Adapt(lessons, request, given.Contains, mayThink: !given.IsContinuation);
    }

    private static ModelLessons Added(ModelLessons known, ModelRefusal refusal, out bool isNew)
    {
        var lessons = known.With(refusal);
        isNew = !ReferenceEquals(lessons, known);
        return lessons;
    }
}
