namespace Uwsgi.Protocol.Wire;

/// <summary>Knows variables by the bytes of their names: the one place that does.</summary>
internal static class CgiVariableName
{
    public const int KnownCount = (int)CgiVariable.HttpTransferEncoding + 1;

    public static CgiVariable Identify(ReadOnlySpan<byte> name) => name.Length switch
    {
        5 when name.SequenceEqual("HTTPS"u8) => CgiVariable.Https,
        9 => name[0] switch
        {
            (byte)'P' when name.SequenceEqual("PATH_INFO"u8) => CgiVariable.PathInfo,
            (byte)'H' when name.SequenceEqual("HTTP_HOST"u8) => CgiVariable.HttpHost,
            _ => CgiVariable.Other,
        },
        11 => name[7] switch
        {
            (byte)'_' when name.SequenceEqual("REQUEST_URI"u8) => CgiVariable.RequestUri,
            (byte)'N' when name.SequenceEqual("SCRIPT_NAME"u8) => CgiVariable.ScriptName,
            (byte)'A' when name.SequenceEqual("REMOTE_ADDR"u8) => CgiVariable.RemoteAddress,
            (byte)'P' when name.SequenceEqual("REMOTE_PORT"u8) => CgiVariable.RemotePort,
            _ => Identify11(name),
        },
        12 => name[0] switch
        {
            (byte)'Q' when name.SequenceEqual("QUERY_STRING"u8) => CgiVariable.QueryString,
            (byte)'C' when name.SequenceEqual("CONTENT_TYPE"u8) => CgiVariable.ContentType,
            (byte)'D' when name.SequenceEqual("DOCUMENT_URI"u8) => CgiVariable.DocumentUri,
            (byte)'H' when name.SequenceEqual("HTTP_UPGRADE"u8) => CgiVariable.HttpUpgrade,
            _ => CgiVariable.Other,
        },
        14 => name[0] switch
        {
            (byte)'R' when name.SequenceEqual("REQUEST_METHOD"u8) => CgiVariable.RequestMethod,
            (byte)'R' when name.SequenceEqual("REQUEST_SCHEME"u8) => CgiVariable.RequestScheme,
            (byte)'C' when name.SequenceEqual("CONTENT_LENGTH"u8) => CgiVariable.ContentLength,
            _ => CgiVariable.Other,
        },
        15 => name[7] switch
        {
            (byte)'P' when name.SequenceEqual("SERVER_PROTOCOL"u8) => CgiVariable.ServerProtocol,
            (byte)'S' when name.SequenceEqual("SERVER_SOFTWARE"u8) => CgiVariable.ServerSoftware,
            (byte)'N' when name.SequenceEqual("HTTP_CONNECTION"u8) => CgiVariable.HttpConnection,
            _ => CgiVariable.Other,
        },
        22 when name.SequenceEqual("HTTP_TRANSFER_ENCODING"u8) => CgiVariable.HttpTransferEncoding,
        _ => CgiVariable.Other,
    };

    private static CgiVariable Identify11(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("SERVER_NAME"u8))
        {
            return CgiVariable.ServerName;
        }

        if (name.SequenceEqual("SERVER_ADDR"u8))
        {
            return CgiVariable.ServerAddress;
        }

        return name.SequenceEqual("SERVER_PORT"u8) ? CgiVariable.ServerPort : CgiVariable.Other;
    }
}
