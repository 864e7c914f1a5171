using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>What a front end does, in the fewest lines: a packet of variables, a body, and an answer until the end.</summary>
internal static class UwsgiConnection
{
    public static async Task<NetworkStream> OpenAsync(EndPoint server, IEnumerable<KeyValuePair<string, string>> variables, CancellationToken cancellationToken)
    {
        var socket = server is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await stream.WriteAsync(Packet(variables), cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    //  0          1  2      3          4  5     6    …  …       …
    //  modifier1  datasize  modifier2  keysize  key  valuesize  value
    public static byte[] Packet(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var packet = new List<byte> { 0, 0, 0, 0 };
        foreach (var (name, value) in variables)
        {
            Append(packet, name);
            Append(packet, value);
        }

        var bytes = packet.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), checked((ushort)(bytes.Length - 4)));
        return bytes;
    }

    private static void Append(List<byte> packet, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> size = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(size, checked((ushort)bytes.Length));
        packet.AddRange(size);
        packet.AddRange(bytes);
    }
}
