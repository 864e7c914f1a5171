using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>How the end of a request's body is known.</summary>
/// <param name="Kind">By what.</param>
/// <param name="Length">CONTENT_LENGTH; null where there is none, or none that is a number.</param>
internal readonly record struct BodyFraming(BodyFramingKind Kind, long? Length)
{
    /// <summary>Reads it from the variables.</summary>
    /// <exception cref="WireFormatException">CONTENT_LENGTH is not clean, or contradicted.</exception>
    public static BodyFraming Of(CgiVariables variables, GatewayProtocol protocol)
    {
        if (variables.HasConflictingContentLength)
        {
            throw new WireFormatException(WireError.ConflictingContentLength);
        }

        var isNumber = CgiContentLength.TryParse(variables[CgiVariable.ContentLength], out var length);
        var isChunked = length is null && variables[CgiVariable.HttpTransferEncoding].SequenceEqual("chunked"u8);
        if (protocol == GatewayProtocol.FastCgi)
        {
            // Its stream has an end of its own, so a length is only a hint: Caddy says -1, nginx nothing, where it does not know.
            return length is not null
                ? new BodyFraming(length > 0 ? BodyFramingKind.Length : BodyFramingKind.None, length)
                : new BodyFraming(isNumber && !isChunked && IsWithoutBody(variables) ? BodyFramingKind.None : BodyFramingKind.Stream, null);
        }

        if (!isNumber)
        {
            throw new WireFormatException(WireError.InvalidContentLength);
        }

        if (protocol == GatewayProtocol.Scgi)
        {
            ThrowIfUnbuffered(variables, length);
        }

        // Only the uWSGI router sends a body as chunks; everybody else has decoded it and says how long it is.
        return isChunked && protocol == GatewayProtocol.Uwsgi && !variables.Contains(CgiVariable.ContentLength)
            ? new BodyFraming(BodyFramingKind.Chunks, null)
            : new BodyFraming(length > 0 ? BodyFramingKind.Length : BodyFramingKind.None, length);
    }

    /// <summary>The body; null where there is none.</summary>
    public RequestBody? CreateBody(IExchange exchange, Deadlines deadlines) => Kind switch
    {
        BodyFramingKind.Length => new FixedLengthBody(exchange.Input, Length!.Value, deadlines),
        BodyFramingKind.Chunks => new ChunkedBody(exchange.Input, deadlines),
        BodyFramingKind.Stream => new StreamBody(exchange.Input, deadlines),
        _ => null,
    };

    /// <summary>
    /// No length means no body, or one of unknown length: over HTTP/2 not even Transfer-Encoding tells. Only of these two is it taken for the
    /// first, so that the app is not told that they have one.
    /// </summary>
    private static bool IsWithoutBody(CgiVariables variables) =>
        variables[CgiVariable.RequestMethod].SequenceEqual("GET"u8) || variables[CgiVariable.RequestMethod].SequenceEqual("HEAD"u8);

    /// <summary>Such a request has lost most of its body's length: to believe it would cut the body in silence.</summary>
    private static void ThrowIfUnbuffered(CgiVariables variables, long? length)
    {
        if (variables.IndexOf("HTTP_CONTENT_LENGTH"u8) is >= 0 and var index
            && CgiContentLength.TryParse(variables.GetValue(index), out var announced)
            && announced is not null
            && announced != (length ?? 0))
        {
            throw new WireFormatException(
                WireError.ConflictingContentLength,
                $"CONTENT_LENGTH is {length ?? 0}, the client's Content-Length was {announced}: nginx before 1.29.6 sends this with scgi_request_buffering off.");
        }
    }
}
