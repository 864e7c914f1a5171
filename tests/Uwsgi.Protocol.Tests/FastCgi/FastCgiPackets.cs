using System.Globalization;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Requests as front ends send them.</summary>
internal static class FastCgiPackets
{
    public const byte Responder = 1;
    public const byte Authorizer = 2;
    public const byte Filter = 3;

    public static byte[] Begin(int id = 1, bool keep = true, byte role = Responder) =>
        FastCgiBytes.Record(FastCgiRecord.BeginRequest, id, [0, role, (byte)(keep ? 1 : 0), 0, 0, 0, 0, 0]);

    public static byte[] Abort(int id = 1) => FastCgiBytes.Record(FastCgiRecord.AbortRequest, id, []);

    /// <summary>The params as one record, and their end.</summary>
    public static byte[] Params(int id, byte[] pairs) =>
        WireBytes.Concat(pairs.Length == 0 ? [] : FastCgiBytes.Record(FastCgiRecord.Params, id, pairs, (byte)(-pairs.Length & 7)), ParamsEnd(id));

    public static byte[] ParamsEnd(int id = 1) => FastCgiBytes.Record(FastCgiRecord.Params, id, []);

    public static byte[] Stdin(int id, string content, byte padding = 0) => FastCgiBytes.Record(FastCgiRecord.Stdin, id, Encoding.Latin1.GetBytes(content), padding);

    public static byte[] StdinEnd(int id = 1) => FastCgiBytes.Record(FastCgiRecord.Stdin, id, []);

    /// <summary>The variables of nginx's <c>fastcgi_params</c>; those given come behind, where the last one wins.</summary>
    public static byte[] Pairs(string method, string target, params (string Name, string Value)[] variables)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return FastCgiBytes.Pairs(
        [
            ("QUERY_STRING", question < 0 ? "" : target[(question + 1)..]),
            ("REQUEST_METHOD", method),
            ("SCRIPT_NAME", question < 0 ? target : target[..question]),
            ("REQUEST_URI", target),
            ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("REMOTE_ADDR", "192.0.2.7"),
            ("HTTP_HOST", "example.org"),
            .. variables,
        ]);
    }

    /// <summary>All up to the end of the params.</summary>
    public static byte[] Head(int id, string method, string target, bool keep = true, params (string Name, string Value)[] variables) =>
        WireBytes.Concat(Begin(id, keep), Params(id, Pairs(method, target, variables)));

    public static byte[] Get(int id = 1, string target = "/", bool keep = true, params (string Name, string Value)[] variables) =>
        WireBytes.Concat(Head(id, "GET", target, keep, variables), StdinEnd(id));

    public static byte[] PostHead(int id, long length, bool keep = true, string target = "/") =>
        Head(id, "POST", target, keep, ("CONTENT_LENGTH", length.ToString(CultureInfo.InvariantCulture)));

    public static byte[] Post(int id, string body, bool keep = true, string target = "/") =>
        WireBytes.Concat(PostHead(id, body.Length, keep, target), body.Length == 0 ? [] : Stdin(id, body, 3), StdinEnd(id));
}
