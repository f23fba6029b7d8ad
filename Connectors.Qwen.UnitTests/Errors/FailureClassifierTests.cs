using Connectors.Qwen.Errors;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.UnitTests.Errors;

public class FailureClassifierTests
{
    private const string Tpm = "Allocated quota exceeded, please increase your quota limit.";
    private const string PlanUsedUp =
        "Your token-plan 1-month quota has been exhausted. The quota will reset at 10-15 16:00:00 UTC.";

    // HTTP status, code, type, message. Codes come in the spelling of the compatible and of the native API.
    public static TheoryData<int, string?, string?, string?, QwenFailureKind> HttpAnswers =>
        new()
        {
            { 400, "invalid_parameter_error", "invalid_request_error", "Range of n should be [1, 4]", InvalidRequest },
            { 400, "InvalidParameter", null, "Required body invalid", InvalidRequest },
            { 400, "invalid_request_error", null, null, InvalidRequest },
            { 400, "invalid_value", null, null, InvalidRequest },
            { 400, null, "invalid_request_error", "[] is too short", InvalidRequest },
            { 400, "data_inspection_failed", null, "inappropriate content", ContentFiltered },
            { 400, "DataInspectionFailed", null, "inappropriate content", ContentFiltered },
            { 400, "Arrearage", null, "Access denied, your account is overdue", QuotaExhausted },
            { 400, "BadRequest.TooLarge", null, null, InvalidRequest },
            { 400, "UnsupportedOperation", null, null, InvalidRequest },
            { 400, "FaqRuleBlocked", null, null, InvalidRequest },
            { 400, "CustomRoleBlocked", null, null, InvalidRequest },
            { 400, "IPInfringementSuspect", null, null, InvalidRequest },
            { 400, "ClientDisconnect", null, null, InvalidRequest },
            { 400, "ServiceUnavailableError", null, null, InvalidRequest },
            { 400, "InvalidParameter.NotSupportEnableThinking", null, null, InvalidRequest },
            { 401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided.", Authentication },
            { 401, "InvalidApiKey", null, "No API-key provided.", Authentication },
            { 401, null, null, "invalid access token or token expired", Authentication },
            { 401, "NOT AUTHORIZED", null, null, Authentication },
            { 403, "access_denied", null, null, PermissionDenied },
            { 403, "AccessDenied", null, null, PermissionDenied },
            { 403, "AccessDenied.Unpurchased", null, null, PermissionDenied },
            { 403, "Model.AccessDenied", null, null, PermissionDenied },
            { 403, "App.AccessDenied", null, null, PermissionDenied },
            { 403, "Workspace.AccessDenied", null, null, PermissionDenied },
            { 403, "AllocationQuota.FreeTierOnly", null, "free tier only", QuotaExhausted },
            { 403, null, null, "Invalid API key", PermissionDenied },
            { 404, "model_not_found", null, null, NotFound },
            { 404, "ModelNotFound", null, null, NotFound },
            { 404, "model_not_supported", null, null, NotFound },
            { 404, "WorkSpaceNotFound", null, null, NotFound },
            { 404, "NotFound", null, null, NotFound },
            { 405, null, null, "Coding Plan is currently only available for Coding Agents", PermissionDenied },
            { 405, null, null, "Method Not Allowed", InvalidRequest },
            { 409, "Conflict", null, null, InvalidRequest },
            { 413, null, null, "request entity too large", InvalidRequest },
            { 422, null, null, null, InvalidRequest },
            { 429, "Throttling", null, "Too many requests in route", RateLimited },
            { 429, "limit_requests", null, null, RateLimited },
            { 429, "Throttling.RateQuota", null, null, RateLimited },
            { 429, "LimitRequests", null, null, RateLimited },
            { 429, "limit_burst_rate", null, null, RateLimited },
            { 429, "Throttling.BurstRate", null, null, RateLimited },
            { 429, "Throttling.Concurrency", null, null, RateLimited },
            { 429, "Throttling.ResourceExhausted", null, null, RateLimited },
            { 429, "insufficient_quota", "insufficient_quota", Tpm, RateLimited },
            { 429, "Throttling.AllocationQuota", null, Tpm, RateLimited },
            { 429, "insufficient_quota", null, "You exceeded your current quota, please check your plan", RateLimited },
            { 429, "insufficient_quota", null, "Batch requests are being throttled", RateLimited },
            { 429, "insufficient_quota", null, "Free allocated quota exceeded.", QuotaExhausted },
            { 429, "Throttling.AllocationQuota", null, "Free allocated quota exceeded.", QuotaExhausted },
            { 429, "insufficient_quota", "insufficient_quota", PlanUsedUp, QuotaExhausted },
            { 429, "insufficient_quota", null, "month allocated quota exceeded.", QuotaExhausted },
            { 429, "CommodityNotPurchased", null, null, QuotaExhausted },
            { 429, "PrepaidBillOverdue", null, null, QuotaExhausted },
            { 429, "PostpaidBillOverdue", null, null, QuotaExhausted },
            { 429, "BudgetLimitExceeded", null, null, QuotaExhausted },
            { 500, "internal_error", null, null, ServerError },
            { 500, "InternalError", null, null, ServerError },
            { 500, "SystemError", null, null, ServerError },
            { 500, "ModelServiceFailed", null, null, ServerError },
            { 500, "InvokePluginFailed", null, null, ServerError },
            { 500, "RewriteFailed", null, null, ServerError },
            { 500, "RetrievalFailed", null, null, ServerError },
            { 500, "AppProcessFailed", null, null, ServerError },
            { 500, "InternalError.Algo", null, "An error occurred in model serving.", ServerError },
            { 500, "InternalError.Algo", null, "Expecting ',' delimiter: line 1 column 2", ServerError },
            { 500, "InternalError.Algo", null, "list index out of range", InvalidRequest },
            { 500, "InternalError.Algo", null, "Role must be in [user, assistant]", InvalidRequest },
            { 500, "InternalError.Algo", null, "Missing Content-Length of multimodal url", InvalidRequest },
            { 500, "RequestTimeOut", null, "Request timed out, please try again later.", ServerTimeout },
            { 500, "ModelServingError", null, "Too many requests. Your requests are being throttled", ServerError },
            { 503, "ModelServingError", null, "Too many requests. Your requests are being throttled", ServerError },
            { 503, "ModelUnavailable", null, null, ServerError },
            { 502, null, null, null, ServerError },
            { 529, null, null, null, ServerError },
            { 402, null, null, null, QuotaExhausted },
            { 408, null, null, null, ServerTimeout },
            { 504, null, null, "stream timeout", ServerTimeout },
            { 418, null, null, null, InvalidRequest },
            { 600, null, null, null, Protocol },
        };

    // With a status that says nothing: what each code and each text means by itself.
    public static TheoryData<QwenFailureKind, string, string[]> Words =>
        new()
        {
            { Authentication, "code", ["invalid_api_key", "InvalidApiKey", "NOT AUTHORIZED"] },
            {
                PermissionDenied,
                "code",
                ["access_denied", "AccessDenied", "Model.AccessDenied", "App.AccessDenied", "Workspace.AccessDenied"]
            },
            {
                QuotaExhausted,
                "code",
                [
                    "AllocationQuota.FreeTierOnly",
                    "Arrearage",
                    "CommodityNotPurchased",
                    "PrepaidBillOverdue",
                    "PostpaidBillOverdue",
                    "BudgetLimitExceeded",
                ]
            },
            {
                RateLimited,
                "code",
                [
                    "Throttling",
                    "limit_requests",
                    "limit_burst_rate",
                    "LimitRequests",
                    "rate_limit_exceeded",
                    "insufficient_quota",
                ]
            },
            { ContentFiltered, "code", ["data_inspection_failed", "DataInspectionFailed"] },
            {
                NotFound,
                "code",
                ["model_not_found", "ModelNotFound", "model_not_supported", "WorkSpaceNotFound", "NotFound"]
            },
            {
                InvalidRequest,
                "code",
                [
                    "InternalError.Algo.InvalidParameter",
                    "invalid_parameter_error",
                    "invalid_request_error",
                    "invalid_value",
                    "InvalidParameter",
                    "BadRequest",
                    "UnsupportedOperation",
                    "Conflict",
                ]
            },
            {
                ServerError,
                "code",
                [
                    "InternalError",
                    "internal_error",
                    "SystemError",
                    "ModelServiceFailed",
                    "ModelServingError",
                    "ModelUnavailable",
                ]
            },
            { ServerTimeout, "code", ["InternalError.Timeout", "RequestTimeOut"] },
            { ContextTooLong, "text", ["Range of input length should be"] },
            {
                QuotaExhausted,
                "text",
                ["Free allocated quota exceeded", "quota has been exhausted", "month allocated quota exceeded"]
            },
            {
                InvalidRequest,
                "text",
                [
                    "list index out of range",
                    "Role must be in [user, assistant]",
                    "Missing Content-Length of multimodal url",
                    "InternalError.Algo.InvalidParameter",
                ]
            },
            { PermissionDenied, "text", ["only available for Coding Agents"] },
            { ServerTimeout, "text", ["stream timeout"] },
        };

    // An error inside a 200 stream has no status of its own.
    public static TheoryData<string?, string?, string?, QwenFailureKind> StreamErrors =>
        new()
        {
            { "InvalidParameter", null, "Role must be user or assistant", InvalidRequest },
            { "429", "Throttling", "Throttling: TPM(10680324/10000000)", RateLimited },
            { "500", "server_error", "Backend buffer overflow", ServerError },
            { "401", null, null, Authentication },
            { "504", null, null, ServerTimeout },
            { "data_inspection_failed", null, null, ContentFiltered },
            { null, null, "server_error: <429> InternalError.Algo: [Too many requests.]", RateLimited },
            { "server_error", null, "server_error: <429> InternalError.Algo: [Too many requests.]", RateLimited },
            { null, null, "<429> Too many requests.", RateLimited },
            { null, "server_error", "<503> InternalError.Algo: busy", ServerError },
            { null, "Throttling", null, RateLimited },
            { null, "invalid_request_error", "no", InvalidRequest },
            { null, null, "stream timeout", ServerTimeout },
            { null, null, "Backend buffer overflow", ServerError },
            { null, null, null, ServerError },
            { "", "", "", ServerError },
            { "200", null, null, ServerError },
        };

    [Theory]
    [MemberData(nameof(HttpAnswers))]
    public void Classify_HttpAnswer_IsItsKind(
        int status,
        string? code,
        string? type,
        string? message,
        QwenFailureKind expected
    )
    {
        Assert.Equal(expected, FailureClassifier.Classify(status, code, type, message));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Classify_CodeOrTextAlone_IsItsKind(QwenFailureKind expected, string field, string[] words)
    {
        foreach (var word in words)
        {
            var (code, message) = field == "code" ? (word, null) : ((string?)null, $"- {word} -");

            Assert.Equal((word, expected), (word, FailureClassifier.Classify(600, code, null, message)));
            Assert.Equal((word, Protocol), (word, FailureClassifier.Classify(600, code?[1..], null, message?[..^4])));
        }
    }

    [Theory]
    [MemberData(nameof(StreamErrors))]
    public void Classify_ErrorInsideAStream_IsItsKind(
        string? code,
        string? type,
        string? message,
        QwenFailureKind expected
    )
    {
        Assert.Equal(expected, FailureClassifier.Classify(null, code, type, message));
    }

    [Theory]
    [InlineData("Range of input length should be [1, 983616]")]
    [InlineData("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]")]
    public void Classify_ContextOverflow_IsKnownByItsTextAlone(string message)
    {
        Assert.Equal(ContextTooLong, FailureClassifier.Classify(400, "invalid_parameter_error", null, message));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(null)]
    public void Classify_AlgoInvalidParameter_IsPermanentWhateverStatusIsWrittenAround(int? status)
    {
        const string Message = "<429> InternalError.Algo.InvalidParameter: Repetitive tool calls detected";

        Assert.Equal(InvalidRequest, FailureClassifier.Classify(status, null, null, Message));
    }

    [Theory]
    [InlineData(401, Authentication)]
    [InlineData(504, ServerTimeout)]
    [InlineData(524, ServerTimeout)]
    public void Classify_CertainStatus_WinsOverAnyBody(int status, QwenFailureKind expected)
    {
        Assert.Equal(expected, FailureClassifier.Classify(status, "Arrearage", "Throttling", PlanUsedUp));
    }

    [Theory]
    [InlineData("THROTTLING.rateQUOTA", RateLimited)]
    [InlineData("Throttling.A.B.C", RateLimited)]
    [InlineData("Throttlingx", ServerError)]
    public void Classify_Code_MatchesWithoutCaseByWholeDottedParts(string code, QwenFailureKind expected)
    {
        Assert.Equal(expected, FailureClassifier.Classify(503, code, null, null));
    }

    [Theory]
    [InlineData("<429")]
    [InlineData("<4a9> x")]
    [InlineData("< 429 > x")]
    [InlineData("a<b")]
    [InlineData("<")]
    public void Classify_NoStatusInAngleBrackets_IsNotRead(string message)
    {
        Assert.Equal(ServerError, FailureClassifier.Classify(null, null, null, message));
    }
}
