using System.Text;

namespace Uwsgi.Protocol.Testing;

/// <summary>
/// uwsgi packets, and broken ones, from raw pieces. It shares no code with what it tests.
/// </summary>
public static class WireBytes
{
    /// <summary>A request: <c>modifier1</c> 0 and the variables.</summary>
    public static byte[] Packet(params (string Name, string Value)[] variables) => Packet(0, 0, Variables(variables));

    /// <summary>A packet with any content and the <c>datasize</c> that goes with it.</summary>
    public static byte[] Packet(byte modifier1, byte modifier2, byte[] data) =>
        Concat(Header(modifier1, data.Length, modifier2), data);

    /// <summary>Four bytes; the <c>datasize</c> may be a lie about what follows.</summary>
    public static byte[] Header(byte modifier1, int dataSize, byte modifier2) =>
        [modifier1, (byte)dataSize, (byte)(dataSize >> 8), modifier2];

    /// <summary>The data of a packet.</summary>
    public static byte[] Variables(params (string Name, string Value)[] variables) =>
        Concat([.. variables.Select(variable => Variable(variable.Name, variable.Value))]);

    /// <summary>One variable, written as UTF-8.</summary>
    public static byte[] Variable(string name, string value) =>
        Variable(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>One variable of any bytes.</summary>
    public static byte[] Variable(byte[] name, byte[] value) =>
        Concat(Length(name.Length), name, Length(value.Length), value);

    /// <summary>A length as it stands before names and values: 16 bits, little endian.</summary>
    public static byte[] Length(int length) => [(byte)length, (byte)(length >> 8)];

    /// <summary>One variable that is exactly so many bytes long, lengths and all.</summary>
    public static byte[] VariableOfSize(int size, string name = "X")
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return Variable(bytes, [.. Enumerable.Repeat((byte)'v', size - bytes.Length - 4)]);
    }

    /// <summary>One after the other.</summary>
    public static byte[] Concat(params byte[][] pieces) => [.. pieces.SelectMany(piece => piece)];
}
