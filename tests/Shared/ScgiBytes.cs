using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.Testing;

/// <summary>SCGI requests, and broken ones, from raw pieces. It shares no code with what it tests.</summary>
public static class ScgiBytes
{
    private const string ContentLength = "CONTENT_LENGTH";

    /// <summary>
    /// A request as front ends write it: CONTENT_LENGTH first, which is never empty, then SCGI, then the others in their order. Where
    /// there are several lengths, the others stay where they are.
    /// </summary>
    public static byte[] Request(params (string Name, string Value)[] variables)
    {
        var at = Array.FindIndex(variables, variable => variable.Name == ContentLength);
        var length = at < 0 || variables[at].Value.Length == 0 ? "0" : variables[at].Value;
        return Netstring(Headers([(ContentLength, length), ("SCGI", "1"), .. variables.Where((_, i) => i != at)]));
    }

    /// <summary>A netstring of any bytes.</summary>
    public static byte[] Netstring(byte[] content) =>
        WireBytes.Concat(Encoding.ASCII.GetBytes(content.Length.ToString(CultureInfo.InvariantCulture) + ":"), content, ","u8.ToArray());

    /// <summary>Names and values, each with its NUL.</summary>
    public static byte[] Headers(params (string Name, string Value)[] headers) =>
        Encoding.UTF8.GetBytes(string.Concat(headers.Select(header => $"{header.Name}\0{header.Value}\0")));
}
