namespace Uwsgi.Protocol.Wire;

/// <summary>
/// Why bytes were refused. The name of the member is also the word in the log, the metric's <c>error.type</c> and the tests.
/// </summary>
public enum WireError
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>The peer closed in the middle of a request's head.</summary>
    UnexpectedEnd,

    /// <summary>uwsgi: an application request with a <c>datasize</c> of 0.</summary>
    EmptyPacket,

    /// <summary>The head is larger than the limit (uWSGI's <c>buffer-size</c>).</summary>
    PacketTooLarge,

    /// <summary>uwsgi: a <c>modifier1</c> that is neither an application's nor the ping's.</summary>
    UnsupportedModifier,

    /// <summary>An HTTP request arrived where another protocol is spoken.</summary>
    HttpRequest,

    /// <summary>A TLS handshake arrived where none is expected.</summary>
    TlsHandshake,

    /// <summary>uwsgi, FastCGI: the data ends in the length of a variable's name.</summary>
    NameLengthTruncated,

    /// <summary>A variable's name is empty.</summary>
    EmptyName,

    /// <summary>uwsgi, FastCGI: a variable's name goes past the end of the data.</summary>
    NameTruncated,

    /// <summary>uwsgi, FastCGI: the data ends before or in the length of a variable's value.</summary>
    ValueLengthTruncated,

    /// <summary>uwsgi, FastCGI: a variable's value goes past the end of the data.</summary>
    ValueTruncated,

    /// <summary>More variables than the limit (uWSGI's <c>max-vars</c>).</summary>
    TooManyVariables,

    /// <summary>CONTENT_LENGTH is not a clean number.</summary>
    InvalidContentLength,

    /// <summary>CONTENT_LENGTH was sent more than once, with different values.</summary>
    ConflictingContentLength,

    /// <summary>REQUEST_METHOD is missing or not a token.</summary>
    InvalidMethod,

    /// <summary>The request target has a NUL, a line break, or no path.</summary>
    InvalidRequestTarget,

    /// <summary>HTTP_HOST has a character that no host has, or a port or brackets that are none.</summary>
    InvalidHost,

    /// <summary>An <c>HTTP_</c> variable's name is not that of a header.</summary>
    InvalidHeaderName,

    /// <summary>An <c>HTTP_</c> variable's value has a NUL or a line break, or is not text in the expected encoding.</summary>
    InvalidHeaderValue,

    /// <summary>A raw chunked request body (uWSGI's <c>http-chunked-input</c>) is malformed.</summary>
    InvalidChunkedBody,

    /// <summary>A response's status line or <c>Status</c> header is malformed.</summary>
    InvalidStatus,

    /// <summary>A line of a response's head is not a header.</summary>
    InvalidResponseHeader,

    /// <summary>A response's head is larger than the limit.</summary>
    ResponseHeadTooLarge,

    /// <summary>FastCGI: a record's version is not 1.</summary>
    UnsupportedVersion,

    /// <summary>FastCGI: the content of an FCGI_BEGIN_REQUEST record is not eight bytes long.</summary>
    InvalidBeginRequest,

    /// <summary>FastCGI: the content of an FCGI_END_REQUEST record is not eight bytes long.</summary>
    InvalidEndRequest,

    /// <summary>FastCGI: the content of an FCGI_UNKNOWN_TYPE record is not eight bytes long.</summary>
    InvalidUnknownType,

    /// <summary>SCGI: the netstring's length is not a plain decimal number and a colon.</summary>
    InvalidNetstringLength,

    /// <summary>SCGI: no comma stands where the netstring ends.</summary>
    MissingNetstringComma,

    /// <summary>SCGI: a header's name has no NUL behind it.</summary>
    UnterminatedName,

    /// <summary>SCGI: a header's value has no NUL behind it.</summary>
    UnterminatedValue,

    /// <summary>SCGI: the last name has no value: the number of texts is odd.</summary>
    MissingValue,

    /// <summary>FastCGI: FCGI_BEGIN_REQUEST for an id whose request has not ended.</summary>
    RequestIdInUse,
}
