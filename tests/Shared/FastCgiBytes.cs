using System.Text;

namespace Uwsgi.Protocol.Testing;

/// <summary>FastCGI records, and broken ones, from raw pieces. It shares no code with what it tests.</summary>
public static class FastCgiBytes
{
    /// <summary>A record with any content, and the lengths that go with it; padding is not zero, so that it is seen where it leaks.</summary>
    public static byte[] Record(byte type, int requestId, byte[] content, byte paddingLength = 0) =>
        WireBytes.Concat(Header(type, requestId, content.Length, paddingLength), content, [.. Enumerable.Repeat((byte)0xEE, paddingLength)]);

    /// <summary>Eight bytes; the lengths may be a lie about what follows.</summary>
    public static byte[] Header(byte type, int requestId, int contentLength, byte paddingLength = 0, byte version = 1) =>
        [version, type, (byte)(requestId >> 8), (byte)requestId, (byte)(contentLength >> 8), (byte)contentLength, paddingLength, 0];

    /// <summary>A block of pairs.</summary>
    public static byte[] Pairs(params (string Name, string Value)[] pairs) =>
        WireBytes.Concat([.. pairs.Select(pair => Pair(pair.Name, pair.Value))]);

    /// <summary>One pair, written as UTF-8.</summary>
    public static byte[] Pair(string name, string value) => Pair(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>One pair of any bytes.</summary>
    public static byte[] Pair(byte[] name, byte[] value) =>
        WireBytes.Concat(Length(name.Length), Length(value.Length), name, value);

    /// <summary>A length in its shortest form.</summary>
    public static byte[] Length(int length) => length < 128 ? [(byte)length] : LongLength(length);

    /// <summary>A length in four bytes, however small.</summary>
    public static byte[] LongLength(int length) =>
        [(byte)(0x80 | (length >> 24)), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
}
