using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.Testing;

/// <summary>SCGI requests, and broken ones, from raw pieces. It shares no code with what it tests.</summary>
public static class ScgiBytes
{
    /// <summary>A netstring of any bytes.</summary>
    public static byte[] Netstring(byte[] content) =>
        WireBytes.Concat(Encoding.ASCII.GetBytes(content.Length.ToString(CultureInfo.InvariantCulture) + ":"), content, ","u8.ToArray());

    /// <summary>Names and values, each with its NUL.</summary>
    public static byte[] Headers(params (string Name, string Value)[] headers) =>
        Encoding.UTF8.GetBytes(string.Concat(headers.Select(header => $"{header.Name}\0{header.Value}\0")));
}
