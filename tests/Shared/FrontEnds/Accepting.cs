using System.Net;
using System.Net.Sockets;

namespace Uwsgi.Protocol.Testing;

public static class Accepting
{
    /// <summary>Whether somebody accepts connections there.</summary>
    public static async Task<bool> IsAsync(EndPoint endPoint)
    {
        using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
