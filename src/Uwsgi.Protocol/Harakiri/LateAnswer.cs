using Microsoft.AspNetCore.Http;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>What a handler has answered that came back after its deadline, within the grace.</summary>
internal static class LateAnswer
{
    /// <summary>
    /// Whether that is nothing: it has written nothing, and nobody but middleware, which says 499 of what was aborted, has said a status.
    /// </summary>
    public static bool IsNone(int statusCode, long? contentLength) =>
        contentLength is null && statusCode is StatusCodes.Status200OK or StatusCodes.Status499ClientClosedRequest;
}
