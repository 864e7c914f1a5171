namespace Uwsgi.Protocol.Wire;

/// <summary>The variables that make an HTTP request out of a list of names and values.</summary>
/// <remarks>RFC 3875, section 4.1, and what front ends send beyond it. The wire name is in each summary.</remarks>
public enum CgiVariable
{
    /// <summary>Any other variable.</summary>
    Other = 0,

    /// <summary>REQUEST_METHOD.</summary>
    RequestMethod,

    /// <summary>REQUEST_URI: the target as the client sent it, still percent-encoded, with its query.</summary>
    RequestUri,

    /// <summary>REQUEST_SCHEME.</summary>
    RequestScheme,

    /// <summary>QUERY_STRING.</summary>
    QueryString,

    /// <summary>CONTENT_TYPE.</summary>
    ContentType,

    /// <summary>CONTENT_LENGTH.</summary>
    ContentLength,

    /// <summary>SCRIPT_NAME.</summary>
    ScriptName,

    /// <summary>PATH_INFO.</summary>
    PathInfo,

    /// <summary>DOCUMENT_URI.</summary>
    DocumentUri,

    /// <summary>SERVER_PROTOCOL.</summary>
    ServerProtocol,

    /// <summary>SERVER_SOFTWARE.</summary>
    ServerSoftware,

    /// <summary>SERVER_NAME.</summary>
    ServerName,

    /// <summary>SERVER_ADDR.</summary>
    ServerAddress,

    /// <summary>SERVER_PORT.</summary>
    ServerPort,

    /// <summary>REMOTE_ADDR.</summary>
    RemoteAddress,

    /// <summary>REMOTE_PORT.</summary>
    RemotePort,

    /// <summary>HTTPS.</summary>
    Https,

    /// <summary>HTTP_HOST.</summary>
    HttpHost,

    /// <summary>HTTP_CONNECTION.</summary>
    HttpConnection,

    /// <summary>HTTP_UPGRADE.</summary>
    HttpUpgrade,

    /// <summary>HTTP_TRANSFER_ENCODING.</summary>
    HttpTransferEncoding,
}
