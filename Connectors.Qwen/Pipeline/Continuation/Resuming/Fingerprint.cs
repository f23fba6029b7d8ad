using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>Tells texts and conversations apart: FNV-1a over their characters, which grows with a text. No protection against intent.</summary>
internal struct Fingerprint()
{
    private const ulong Prime = 1099511628211;

    // No character.
    private const ulong End = 0x10000;

    /// <summary>The fingerprint so far.</summary>
    public ulong Value { get; private set; } = 14695981039346656037;

    /// <summary>The characters so far.</summary>
    public long Length { get; private set; }

    /// <summary>What is asked: instructions, roles, texts, and what goes with them.</summary>
    public static ulong Of(string? instructions, IEnumerable<ChatMessage> messages)
    {
        var print = new Fingerprint();
        print.AddPart(instructions);
        foreach (var message in messages)
        {
            print.AddPart(message.Role.Value);
            foreach (var content in message.Contents)
            {
                // The kind too: a text and a link of the same letters are two things.
                print.AddPart(content.GetType().Name);
                print.AddContent(content);
            }
        }

        return print.Value;
    }

    private void AddContent(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                AddPart(text.Text);
                break;
            case FunctionCallContent call:
                AddPart(call.CallId);
                AddPart(call.Name);
                foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
                {
                    AddPart(name);
                    AddPart(value?.ToString());
                }

                break;
            case FunctionResultContent result:
                AddPart(result.CallId);
                AddPart(result.Result?.ToString());
                break;
            case DataContent data:
                AddPart(data.Uri);
                break;
            case HostedFileContent file:
                AddPart(file.FileId);
                break;
            case UriContent link:
                AddPart(link.Uri.OriginalString);
                break;
        }
    }

    // With its end, so that "a", "b" is not "ab".
    private void AddPart(string? text)
    {
        Add(text);
        Value = (Value ^ End) * Prime;
    }

    public void Add(string? text)
    {
        foreach (var c in text ?? "")
        {
            Value = (Value ^ c) * Prime;
        }

        Length += text?.Length ?? 0;
    }
}
