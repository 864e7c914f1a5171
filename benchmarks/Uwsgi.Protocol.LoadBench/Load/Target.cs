using System.Net;
using System.Net.Sockets;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>Whom to ask, for what, and how.</summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Use">How many requests a connection is for.</param>
/// <param name="Question">What is asked.</param>
/// <param name="Script">The file that php-fpm is to run; empty for the others.</param>
internal sealed record Target(EndPoint EndPoint, LoadProtocol Protocol, ConnectionUse Use, Question Question, string Script)
{
    public byte[] RequestBytes(ushort id = 1) => LoadBench.RequestBytes.Of(Protocol, Question, Use != ConnectionUse.New, Script, id);

    public async ValueTask<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var isTcp = EndPoint is IPEndPoint;
        var socket = new Socket(EndPoint.AddressFamily, SocketType.Stream, isTcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (isTcp)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(EndPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
        }
    }
}
