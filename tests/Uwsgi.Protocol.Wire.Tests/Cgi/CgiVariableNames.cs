namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The wire names, written down a second time: a typo in one of the two is seen.</summary>
internal static class CgiVariableNames
{
    public static (CgiVariable Variable, string Name)[] All { get; } =
    [
        (CgiVariable.RequestMethod, "REQUEST_METHOD"),
        (CgiVariable.RequestUri, "REQUEST_URI"),
        (CgiVariable.RequestScheme, "REQUEST_SCHEME"),
        (CgiVariable.QueryString, "QUERY_STRING"),
        (CgiVariable.ContentType, "CONTENT_TYPE"),
        (CgiVariable.ContentLength, "CONTENT_LENGTH"),
        (CgiVariable.ScriptName, "SCRIPT_NAME"),
        (CgiVariable.PathInfo, "PATH_INFO"),
        (CgiVariable.DocumentUri, "DOCUMENT_URI"),
        (CgiVariable.ServerProtocol, "SERVER_PROTOCOL"),
        (CgiVariable.ServerSoftware, "SERVER_SOFTWARE"),
        (CgiVariable.ServerName, "SERVER_NAME"),
        (CgiVariable.ServerAddress, "SERVER_ADDR"),
        (CgiVariable.ServerPort, "SERVER_PORT"),
        (CgiVariable.RemoteAddress, "REMOTE_ADDR"),
        (CgiVariable.RemotePort, "REMOTE_PORT"),
        (CgiVariable.Https, "HTTPS"),
        (CgiVariable.HttpHost, "HTTP_HOST"),
        (CgiVariable.HttpConnection, "HTTP_CONNECTION"),
        (CgiVariable.HttpUpgrade, "HTTP_UPGRADE"),
        (CgiVariable.HttpTransferEncoding, "HTTP_TRANSFER_ENCODING"),
    ];
}
