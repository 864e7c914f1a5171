using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A request as it goes over the connection.</summary>
internal static class RequestBytes
{
    /// <param name="protocol">The protocol.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="keeps">Whether the connection is to be kept.</param>
    /// <param name="script">The file that php-fpm is to run; empty for the others.</param>
    /// <param name="id">The id of a FastCGI request.</param>
    public static byte[] Of(LoadProtocol protocol, Question question, bool keeps, string script, ushort id = 1)
    {
        var output = new ArrayBufferWriter<byte>();
        switch (protocol)
        {
            case LoadProtocol.Http:
                output.Write(Encoding.ASCII.GetBytes(HttpHead(question, keeps)));
                output.Write(question.Body);
                break;
            case LoadProtocol.Uwsgi:
                UwsgiPacketWriter.Write(output, UwsgiModifier1.Request, 0, Variables(question, script));
                output.Write(question.Body);
                break;
            case LoadProtocol.Scgi:
                ScgiWriter.Write(output, Variables(question, script));
                output.Write(question.Body);
                break;
            default:
                FastCgiRecordWriter.WriteBeginRequest(output, id, new FastCgiBeginRequest(FastCgiRole.Responder, keeps));
                FastCgiRecordWriter.WriteParams(output, id, Variables(question, script));
                FastCgiRecordWriter.WriteStream(output, FastCgiRecordType.Stdin, id, question.Body);
                FastCgiRecordWriter.WriteStreamEnd(output, FastCgiRecordType.Stdin, id);
                break;
        }

        return output.WrittenSpan.ToArray();
    }

    private static string HttpHead(Question question, bool keeps) =>
        $"{question.Method} {question.Path} HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: load/1.0\r\nAccept: */*\r\n"
        + (question.Body is null ? "" : $"Content-Length: {question.ContentLength}\r\n")
        + (keeps ? "\r\n" : "Connection: close\r\n\r\n");

    // Those of nginx's uwsgi_params, with the same headers as by HTTP.
    private static List<KeyValuePair<string, string>> Variables(Question question, string script)
    {
        List<KeyValuePair<string, string>> variables =
        [
            new("QUERY_STRING", ""),
            new("REQUEST_METHOD", question.Method),
            new("CONTENT_TYPE", ""),
            new("CONTENT_LENGTH", question.ContentLength),
            new("REQUEST_URI", question.Path),
            new("PATH_INFO", question.Path),
            new("DOCUMENT_ROOT", "/usr/share/nginx/html"),
            new("SERVER_PROTOCOL", "HTTP/1.1"),
            new("REQUEST_SCHEME", "http"),
            new("REMOTE_ADDR", "127.0.0.1"),
            new("REMOTE_PORT", "54970"),
            new("SERVER_PORT", "8080"),
            new("SERVER_NAME", "localhost"),
            new("HTTP_HOST", "localhost:8080"),
            new("HTTP_USER_AGENT", "load/1.0"),
            new("HTTP_ACCEPT", "*/*"),
        ];
        if (script.Length != 0)
        {
            variables.Add(new("SCRIPT_FILENAME", script));
        }

        return variables;
    }
}
