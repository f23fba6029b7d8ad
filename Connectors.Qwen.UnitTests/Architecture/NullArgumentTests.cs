using System.Reflection;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>
/// Null in place of any argument of any public method that must not be null: an exception that names the argument, at the call and not
/// later. A new method is tested as soon as it is public.
/// </summary>
public sealed class NullArgumentTests
{
    private static readonly Dictionary<string, (MethodBase Method, ParameterInfo Parameter)> All = Find();

    private static readonly Dictionary<Type, Func<object>> Samples = new()
    {
        [typeof(string)] = static () => RawClient.Secret,
        [typeof(Type)] = static () => typeof(string),
        [typeof(CancellationToken)] = static () => TestContext.Current.CancellationToken,
        [typeof(IQwenCredentialProvider)] = static () => new ApiKeyCredentialProvider(RawClient.Secret),
        [typeof(ApiKeyCredentialProvider)] = static () => new ApiKeyCredentialProvider(RawClient.Secret),
        [typeof(RenewingCredentialProvider)] = static () =>
            new DelegateCredentialProvider(static _ => new ValueTask<QwenCredential>(new QwenCredential("token"))),
        [typeof(QwenCredential)] = static () => new QwenCredential("token"),
        [typeof(DeviceCodeLogin)] = static () => new DeviceCodeLogin(),
        [typeof(InMemoryCredentialStore)] = static () => new InMemoryCredentialStore(),
        [typeof(FileCredentialStore)] = static () =>
            new FileCredentialStore(Path.Combine(Path.GetTempPath(), "no-login.json")),
        [typeof(QwenClientOptions)] = static () => new QwenOptions { ModelId = "m" },
        [typeof(QwenOptions)] = static () => new QwenOptions { ModelId = "m" },
        [typeof(QwenEmbeddingOptions)] = static () => new QwenEmbeddingOptions { ModelId = "m" },
        [typeof(IChatClient)] = static () => RawClient.Over(new ScriptedHandler()),
        [typeof(QwenChatClient)] = static () => RawClient.Over(new ScriptedHandler()),
        [typeof(QwenModelCatalogue)] = static () =>
            RawClient.Over(new ScriptedHandler()).GetService<QwenModelCatalogue>()!,
        [typeof(QwenEmbeddingGenerator)] = static () =>
            new QwenEmbeddingGenerator(new() { ModelId = "m" }, new ApiKeyCredentialProvider(RawClient.Secret)),
        [typeof(TokenRefreshChatClient)] = static () =>
            new TokenRefreshChatClient(RawClient.Over(new ScriptedHandler())),
        [typeof(TimeoutRetryChatClient)] = static () => new TimeoutRetryChatClient(Mock.Of<IChatClient>()),
        [typeof(StreamingFallbackChatClient)] = static () => new StreamingFallbackChatClient(Mock.Of<IChatClient>()),
        [typeof(QwenChatCompletionService)] = static () =>
            new QwenChatCompletionService(RawClient.Over(new ScriptedHandler())),
        [typeof(ChatClientBuilder)] = static () => new ChatClientBuilder(Mock.Of<IChatClient>()),
        [typeof(IHealthChecksBuilder)] = static () => Mock.Of<IHealthChecksBuilder>(),
        [typeof(IServiceCollection)] = static () => new ServiceCollection(),
        [typeof(IHealthChecksBuilder)] = static () => new ServiceCollection().AddHealthChecks(),
        [typeof(IKernelBuilder)] = static () => Kernel.CreateBuilder(),
        [typeof(IConfiguration)] = static () => new ConfigurationBuilder().Build(),
        [typeof(ChatHistory)] = static () => new ChatHistory("Hi"),
        [typeof(TextContent)] = static () => new TextContent("Hi"),
        [typeof(IEnumerable<ChatMessage>)] = static () => Inner.Hello,
        [typeof(IEnumerable<string>)] = static () => new[] { "a" },
    };

    public static TheoryData<string> Cases => [.. All.Keys.Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Cases))]
    public async Task Null_IsRefusedByName(string name)
    {
        var (method, parameter) = All[name];
        object?[] arguments =
        [
            .. method
                .GetParameters()
                .Select(p => p.Position == parameter.Position ? null : Valid(p.ParameterType, p.Name!)),
        ];

        var failure = await Record.ExceptionAsync(() => CallAsync(method, arguments));

        Assert.Equal(parameter.Name, Assert.IsType<ArgumentException>(failure, exactMatch: false).ParamName);
    }

    private static Dictionary<string, (MethodBase, ParameterInfo)> Find()
    {
        const BindingFlags Public =
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var nullability = new NullabilityInfoContext();
        var found = new Dictionary<string, (MethodBase, ParameterInfo)>(StringComparer.Ordinal);
        // An exception that fails while it is made would hide the failure that it is about.
        var types = typeof(QwenChatClient)
            .Assembly.GetExportedTypes()
            .Where(static type => !type.IsInterface && !type.IsSubclassOf(typeof(Exception)));
        foreach (var type in types)
        {
            var methods = type.GetMethods(Public)
                .Where(static method => !method.IsSpecialName && !method.IsAbstract)
                .Select(static method =>
                    method.IsGenericMethod ? method.MakeGenericMethod(typeof(TextContent)) : method
                )
                .Concat<MethodBase>(type.IsAbstract ? [] : type.GetConstructors());
            foreach (var method in methods)
            {
                foreach (var parameter in method.GetParameters())
                {
                    if (
                        !parameter.ParameterType.IsValueType
                        && nullability.Create(parameter).WriteState == NullabilityState.NotNull
                    )
                    {
                        var signature = method.GetParameters().Select(static p => p.ParameterType.Name);
                        found.Add(
                            $"{type.Name}.{method.Name}({string.Join(", ", signature)}): {parameter.Name}",
                            (method, parameter)
                        );
                    }
                }
            }
        }

        return found;
    }

    private static async Task CallAsync(MethodBase method, object?[] arguments)
    {
        object? result;
        try
        {
            result = method is ConstructorInfo constructor
                ? constructor.Invoke(arguments)
                : method.Invoke(method.IsStatic ? null : Valid(method.DeclaringType!, ""), arguments);
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }

        switch (result)
        {
            case Task task:
                await task;
                break;
            case ValueTask task:
                await task;
                break;
            case ValueTask<QwenCredential> task:
                await task;
                break;
            case ValueTask<bool> task:
                await task;
                break;
        }
    }

    private static object? Valid(Type type, string name)
    {
        return name == "region" ? "cn-beijing"
            : type.IsEnum ? Enum.GetValues(type).GetValue(0)
            : Samples.TryGetValue(type, out var sample) ? sample()
            : null;
    }
}
