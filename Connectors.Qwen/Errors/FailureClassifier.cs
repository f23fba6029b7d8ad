using System.Globalization;

namespace Connectors.Qwen.Errors;

/// <summary>Says which kind of failure an error of the service is: by status and code, by text only where there is no code.</summary>
internal static class FailureClassifier
{
    /// <summary>How the Coding Plan refuses a client that is not on its list.</summary>
    public const string CodingAgentsOnly = "only available for Coding Agents";

    // Codes of the compatible and the native API (vendor's error page; protocol notes in docs). A code that is a prefix
    // of others ("Throttling.RateQuota") stands for all of them.
    private static readonly Dictionary<string, QwenFailureKind> Codes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["invalid_api_key"] = QwenFailureKind.Authentication,
        ["InvalidApiKey"] = QwenFailureKind.Authentication,
        ["NOT AUTHORIZED"] = QwenFailureKind.Authentication,
        ["access_denied"] = QwenFailureKind.PermissionDenied,
        ["AccessDenied"] = QwenFailureKind.PermissionDenied,
        ["Model.AccessDenied"] = QwenFailureKind.PermissionDenied,
        ["App.AccessDenied"] = QwenFailureKind.PermissionDenied,
        ["Workspace.AccessDenied"] = QwenFailureKind.PermissionDenied,
        ["AllocationQuota.FreeTierOnly"] = QwenFailureKind.QuotaExhausted,
        ["Arrearage"] = QwenFailureKind.QuotaExhausted,
        ["CommodityNotPurchased"] = QwenFailureKind.QuotaExhausted,
        ["PrepaidBillOverdue"] = QwenFailureKind.QuotaExhausted,
        ["PostpaidBillOverdue"] = QwenFailureKind.QuotaExhausted,
        ["BudgetLimitExceeded"] = QwenFailureKind.QuotaExhausted,
        ["Throttling"] = QwenFailureKind.RateLimited,
        ["limit_requests"] = QwenFailureKind.RateLimited,
        ["limit_burst_rate"] = QwenFailureKind.RateLimited,
        ["LimitRequests"] = QwenFailureKind.RateLimited,
        ["rate_limit_exceeded"] = QwenFailureKind.RateLimited,
        // A tokens-per-minute throttle that clears by itself, in spite of its name; see PermanentQuotaTexts.
        ["insufficient_quota"] = QwenFailureKind.RateLimited,
        ["data_inspection_failed"] = QwenFailureKind.ContentFiltered,
        ["DataInspectionFailed"] = QwenFailureKind.ContentFiltered,
        ["model_not_found"] = QwenFailureKind.NotFound,
        ["ModelNotFound"] = QwenFailureKind.NotFound,
        ["model_not_supported"] = QwenFailureKind.NotFound,
        ["WorkSpaceNotFound"] = QwenFailureKind.NotFound,
        ["NotFound"] = QwenFailureKind.NotFound,
        ["InternalError.Algo.InvalidParameter"] = QwenFailureKind.InvalidRequest,
        ["InternalError"] = QwenFailureKind.ServerError,
        ["InternalError.Timeout"] = QwenFailureKind.ServerTimeout,
        ["internal_error"] = QwenFailureKind.ServerError,
        ["SystemError"] = QwenFailureKind.ServerError,
        ["ModelServiceFailed"] = QwenFailureKind.ServerError,
        ["ModelServingError"] = QwenFailureKind.ServerError,
        ["ModelUnavailable"] = QwenFailureKind.ServerError,
        ["RequestTimeOut"] = QwenFailureKind.ServerTimeout,
        ["invalid_parameter_error"] = QwenFailureKind.InvalidRequest,
        ["invalid_request_error"] = QwenFailureKind.InvalidRequest,
        ["invalid_value"] = QwenFailureKind.InvalidRequest,
        ["InvalidParameter"] = QwenFailureKind.InvalidRequest,
        ["BadRequest"] = QwenFailureKind.InvalidRequest,
        ["UnsupportedOperation"] = QwenFailureKind.InvalidRequest,
        ["Conflict"] = QwenFailureKind.InvalidRequest,
    };

    // The only judgements by text: the service has no code of its own for these.
    private static readonly (string Text, QwenFailureKind Kind)[] Texts =
    [
        ("Range of input length should be", QwenFailureKind.ContextTooLong),
        ("Free allocated quota exceeded", QwenFailureKind.QuotaExhausted),
        ("quota has been exhausted", QwenFailureKind.QuotaExhausted),
        ("month allocated quota exceeded", QwenFailureKind.QuotaExhausted),
        // Wrapped in a 500, yet the request is at fault: the last message must be the user's.
        ("list index out of range", QwenFailureKind.InvalidRequest),
        ("Role must be in [user, assistant]", QwenFailureKind.InvalidRequest),
        ("Missing Content-Length of multimodal url", QwenFailureKind.InvalidRequest),
        ("InternalError.Algo.InvalidParameter", QwenFailureKind.InvalidRequest),
        // A 405 with {"error":"Coding Plan is currently only available for Coding Agents"} and no code: the request is right, the
        // plan's terms forbid it (the vendor's Coding Plan FAQ; aaif-goose/goose#8005, iOfficeAI/AionUi#2555).
        (CodingAgentsOnly, QwenFailureKind.PermissionDenied),
        // The gateway's own words, as plain text with or without a 504.
        ("stream timeout", QwenFailureKind.ServerTimeout),
    ];

    /// <summary>The kind of an error the server reported.</summary>
    /// <param name="status">The HTTP status; null for an error inside a stream, whose status was 200.</param>
    /// <param name="code">The code field, as text.</param>
    /// <param name="type">The type field: some routes put the code there.</param>
    /// <param name="message">The message field.</param>
    public static QwenFailureKind Classify(int? status, string? code, string? type, string? message)
    {
        // What a 401 or a gateway's 504 means is certain, whatever its body says.
        return status is 401 or 504 or 524
            ? ByStatus(status)!.Value
            : ByText(message)
                ?? ByCode(code)
                ?? ByStatus(status)
                ?? ByStatus(EmbeddedStatus(message))
                ?? ByCode(type)
                ?? (status is null ? QwenFailureKind.ServerError : QwenFailureKind.Protocol);
    }

    private static QwenFailureKind? ByText(string? message)
    {
        if (message is not null)
        {
            foreach (var (text, kind) in Texts)
            {
                if (message.Contains(text, StringComparison.OrdinalIgnoreCase))
                {
                    return kind;
                }
            }
        }

        return null;
    }

    private static QwenFailureKind? ByCode(string? code)
    {
        if (string.IsNullOrEmpty(code))
        {
            return null;
        }

        // In streams the code is often an HTTP status, as a number or as text.
        if (int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return ByStatus(number);
        }

        for (var prefix = code; ; )
        {
            if (Codes.TryGetValue(prefix, out var kind))
            {
                return kind;
            }

            var dot = prefix.LastIndexOf('.');
            if (dot < 0)
            {
                return null;
            }

            prefix = prefix[..dot];
        }
    }

    // "server_error: <429> InternalError.Algo... [Too many requests.]": the real status is in angle brackets.
    private static int? EmbeddedStatus(string? message)
    {
        var open = message?.IndexOf('<', StringComparison.Ordinal) ?? -1;
        return
            open >= 0
            && message!.Length > open + 4
            && message[open + 4] == '>'
            && int.TryParse(
                message.AsSpan(open + 1, 3),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var status
            )
            ? status
            : null;
    }

    private static QwenFailureKind? ByStatus(int? status)
    {
        return status switch
        {
            null => null,
            401 => QwenFailureKind.Authentication,
            402 => QwenFailureKind.QuotaExhausted,
            403 => QwenFailureKind.PermissionDenied,
            404 => QwenFailureKind.NotFound,
            408 or 504 or 524 => QwenFailureKind.ServerTimeout,
            429 => QwenFailureKind.RateLimited,
            >= 400 and < 500 => QwenFailureKind.InvalidRequest,
            >= 500 and < 600 => QwenFailureKind.ServerError,
            _ => null,
        };
    }
}
