using System.Net;
using System.Text;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Fuzz;

/// <summary>A raw client whose server is the input, and what its failures must keep.</summary>
internal static class Call
{
    /// <summary>The key of the calls: it must not come back in any message. The seeds hold it.</summary>
    public const string Secret = "sk-f022ed";

    public static readonly ResponseLimits Limits = new(MaxResponseBytes: 64 << 10, MaxEventBytes: 2 << 10);

    private static readonly Uri Endpoint = new("https://qwen.example/v1");
    private static readonly ChatMessage[] Prompt = [new(ChatRole.User, "Hello")];
    private static readonly Server Answers = new();
    private static readonly QwenChatClient Client = new(
        new QwenClientOptions
        {
            ModelId = "m",
            Endpoint = Endpoint,
            MaxResponseBytes = Limits.MaxResponseBytes,
            MaxEventBytes = Limits.MaxEventBytes,
        },
        new ApiKeyCredentialProvider(Secret),
        new HttpClient(Answers) { Timeout = Timeout.InfiniteTimeSpan }
    );

    public static RequestFacts Facts()
    {
        return new RequestFacts
        {
            Endpoint = Endpoint,
            Address = Endpoint,
            Secret = Secret,
            Authorization = $"Bearer {Secret}",
            CredentialHandle = Client,
        };
    }

    /// <summary>A streaming call: what its reader gets, and how it failed, if it did.</summary>
    public static string Stream(HttpResponseMessage response)
    {
        Answers.Next = response;
        var outcome = new Outcome();
        try
        {
            var updates = Client.GetStreamingResponseAsync(Prompt).GetAsyncEnumerator();
            while (Now(updates.MoveNextAsync()))
            {
                outcome.Add(updates.Current);
            }

            Guard.Check(outcome.IsFinished, "a stream ended well without a finish reason");
            return outcome.ToString();
        }
        catch (QwenException e)
        {
            CheckFailure(e);
            Guard.Check((e.PartialText?.Length ?? 0) == outcome.Length, "the partial text is not the text handed out");
            return $"{outcome}|{e.Kind} {e.Message}";
        }
    }

    /// <summary>A call for a whole answer, which fails or is finished.</summary>
    public static void Complete(HttpResponseMessage response)
    {
        Answers.Next = response;
        try
        {
            var answer = Now(new ValueTask<ChatResponse>(Client.GetResponseAsync(Prompt)));
            Guard.Check(answer.FinishReason is not null, "an answer ended well without a finish reason");
        }
        catch (QwenException e)
        {
            CheckFailure(e);
        }
    }

    /// <summary>Nothing here waits: the server is in this process and the bytes are there.</summary>
    public static T Now<T>(ValueTask<T> done)
    {
        Guard.Check(done.IsCompleted, "a call waits for something");
        return done.GetAwaiter().GetResult();
    }

    /// <summary>A message that fits a page, and no key in anything that may be logged.</summary>
    public static void CheckFailure(QwenException e)
    {
        Guard.Check(Enum.IsDefined(e.Kind), $"kind {e.Kind}");
        Guard.Check(e.Message.Length <= 3000, $"a message of {e.Message.Length} characters");
        Guard.Check(e.ServerMessage is null or { Length: <= 1003 }, "the server's words are not bounded");
        // ToString shows these and the stack, which costs more than all the rest.
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            Guard.Check(!cause.Message.Contains(Secret, StringComparison.Ordinal), "the key is in a message");
        }

        string?[] said = [e.ServerMessage, e.ErrorCode, e.Parameter, e.RequestId];
        foreach (var word in said)
        {
            Guard.Check(word?.Contains(Secret, StringComparison.Ordinal) != true, "the key is in a property");
        }

        RetryAfter(e.RetryAfter);
    }

    /// <summary>A wait that can be counted: not negative, and not beyond what a date can say.</summary>
    public static void RetryAfter(TimeSpan? wait)
    {
        Guard.Check(wait is null || wait >= TimeSpan.Zero, $"a negative wait: {wait}");
        Guard.Check(
            wait is null || wait <= DateTimeOffset.MaxValue - DateTimeOffset.MinValue,
            $"an endless wait: {wait}"
        );
    }

    /// <summary>Headers as lines "name: value" up to an empty line, then the body; false where the name is none.</summary>
    public static HttpResponseMessage Answer(ReadOnlySpan<byte> input)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK);
        List<(string Name, string Value)> headers = [];
        var isFirst = true;
        while (!input.IsEmpty)
        {
            var end = input.IndexOf((byte)'\n');
            var line = Encoding.Latin1.GetString(end < 0 ? input : input[..end]);
            input = end < 0 ? default : input[(end + 1)..];
            if (line.Length == 0)
            {
                break;
            }

            if (isFirst && ushort.TryParse(line, out var status) && status is >= 200 and < 600)
            {
                response.StatusCode = (HttpStatusCode)status;
            }
            else if (line.IndexOf(':') is > 0 and var colon)
            {
                headers.Add((line[..colon], line[(colon + 1)..]));
            }

            isFirst = false;
        }

        response.Content = new ByteArrayContent(input.ToArray());
        foreach (var (name, value) in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return response;
    }

    private sealed class Server : HttpMessageHandler
    {
        public HttpResponseMessage? Next { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            Next!.RequestMessage = request;
            return Task.FromResult(Next);
        }
    }
}
