namespace Connectors.Qwen.Testing;

/// <summary>The shapes in which an error turns up inside a stream whose status was 200.</summary>
public enum QwenErrorFrame
{
    /// <summary><c>data: {"error":{"message","type","code"}}</c>.</summary>
    CompatObject,

    /// <summary><c>data: {"code","message","request_id"}</c>.</summary>
    Flat,

    /// <summary>The native API's event: <c>id:1</c>, <c>event:error</c>, <c>:HTTP_STATUS/nnn</c>, <c>data:{"code",...}</c>, without blanks.</summary>
    NativeEvent,

    /// <summary><c>event: error</c> with <c>data: {"error":{...}}</c>.</summary>
    ErrorEvent,

    /// <summary><c>data: {"object":"error","message","type","param","code"}</c>.</summary>
    ErrorObject,

    /// <summary>An ordinary chunk with finish reason <c>error_finish</c> and the error, as JSON text, for content.</summary>
    ErrorFinish,
}
