using System.Text;
using Microsoft.AspNetCore.Http;

namespace Uwsgi.Protocol.Http;

/// <summary>The texts that nearly every request has: no string is made for them.</summary>
internal static class KnownTexts
{
    public static string Method(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 when method.SequenceEqual("GET"u8) => HttpMethods.Get,
        3 when method.SequenceEqual("PUT"u8) => HttpMethods.Put,
        4 when method.SequenceEqual("POST"u8) => HttpMethods.Post,
        4 when method.SequenceEqual("HEAD"u8) => HttpMethods.Head,
        5 when method.SequenceEqual("PATCH"u8) => HttpMethods.Patch,
        5 when method.SequenceEqual("TRACE"u8) => HttpMethods.Trace,
        6 when method.SequenceEqual("DELETE"u8) => HttpMethods.Delete,
        7 when method.SequenceEqual("OPTIONS"u8) => HttpMethods.Options,
        7 when method.SequenceEqual("CONNECT"u8) => HttpMethods.Connect,
        _ => Encoding.ASCII.GetString(method),
    };

    /// <summary>SERVER_PROTOCOL as ASP.NET Core names it: <c>HTTP/2.0</c> is <c>HTTP/2</c>.</summary>
    public static string Protocol(ReadOnlySpan<byte> protocol)
    {
        if (protocol.SequenceEqual("HTTP/1.1"u8) || protocol.IsEmpty)
        {
            return HttpProtocol.Http11;
        }

        if (protocol.SequenceEqual("HTTP/2.0"u8) || protocol.SequenceEqual("HTTP/2"u8))
        {
            return HttpProtocol.Http2;
        }

        if (protocol.SequenceEqual("HTTP/3.0"u8) || protocol.SequenceEqual("HTTP/3"u8))
        {
            return HttpProtocol.Http3;
        }

        return protocol.SequenceEqual("HTTP/1.0"u8) ? HttpProtocol.Http10 : Encoding.Latin1.GetString(protocol);
    }
}
