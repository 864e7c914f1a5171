using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>What nginx sends with its stock uwsgi_params for a page that a browser asks for: 22 variables.</summary>
internal static class BrowserRequest
{
    public static IReadOnlyCollection<KeyValuePair<string, string>> Variables { get; } =
    [
        new("QUERY_STRING", "page=2&sort=price"),
        new("REQUEST_METHOD", "GET"),
        new("CONTENT_TYPE", ""),
        new("CONTENT_LENGTH", ""),
        new("REQUEST_URI", "/catalog/garden%20tools?page=2&sort=price"),
        new("PATH_INFO", "/catalog/garden tools"),
        new("DOCUMENT_ROOT", "/usr/share/nginx/html"),
        new("SERVER_PROTOCOL", "HTTP/2.0"),
        new("REQUEST_SCHEME", "https"),
        new("HTTPS", "on"),
        new("REMOTE_ADDR", "203.0.113.195"),
        new("REMOTE_PORT", "54970"),
        new("SERVER_PORT", "443"),
        new("SERVER_NAME", "shop.example.com"),
        new("HTTP_HOST", "shop.example.com"),
        new("HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        new("HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        new("HTTP_ACCEPT_LANGUAGE", "en-US,en;q=0.5"),
        new("HTTP_ACCEPT_ENCODING", "gzip, deflate, br, zstd"),
        new("HTTP_REFERER", "https://shop.example.com/catalog/garden%20tools"),
        new("HTTP_COOKIE", "session=6c1f2b0e9d8a4c57b3e2f1a09d8c7b6a; theme=dark; consent=essential"),
        new("HTTP_UPGRADE_INSECURE_REQUESTS", "1"),
    ];

    public static byte[] Packet { get; } = Write();

    /// <summary>The same request as FastCGI: its beginning, its variables in one record, and the ends of both streams.</summary>
    public static byte[] FastCgi { get; } = WriteFastCgi();

    /// <summary>The same request as SCGI.</summary>
    public static byte[] Scgi { get; } = WriteScgi();

    /// <summary>The same request as nginx's proxy_pass sends it.</summary>
    public static byte[] Http { get; } = Encoding.Latin1.GetBytes(
        $"GET {Variables.First(v => v.Key == "REQUEST_URI").Value} HTTP/1.1\r\n"
        + string.Concat(Variables.Where(v => v.Key.StartsWith("HTTP_", StringComparison.Ordinal))
            .Select(v => $"{v.Key[5..].Replace('_', '-')}: {v.Value}\r\n"))
        + "\r\n");

    private static byte[] Write()
    {
        var output = new ArrayBufferWriter<byte>();
        UwsgiPacketWriter.Write(output, UwsgiModifier1.Request, 0, Variables);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] WriteFastCgi()
    {
        var output = new ArrayBufferWriter<byte>();
        FastCgiRecordWriter.WriteBeginRequest(output, 1, new FastCgiBeginRequest(FastCgiRole.Responder, KeepConnection: false));
        FastCgiRecordWriter.WriteParams(output, 1, Variables);
        FastCgiRecordWriter.WriteStreamEnd(output, FastCgiRecordType.Stdin, 1);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] WriteScgi()
    {
        var output = new ArrayBufferWriter<byte>();
        ScgiWriter.Write(output, Variables);
        return output.WrittenSpan.ToArray();
    }
}
