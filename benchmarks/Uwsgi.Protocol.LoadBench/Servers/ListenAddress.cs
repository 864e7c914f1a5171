using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A free address to listen on, of the loopback interface or of the file system.</summary>
/// <param name="Text"><c>127.0.0.1:port</c> or a path.</param>
/// <param name="EndPoint">The same, to connect to.</param>
internal sealed record ListenAddress(string Text, EndPoint EndPoint)
{
    public bool IsUnix => EndPoint is UnixDomainSocketEndPoint;

    /// <summary>As nginx's configuration has it.</summary>
    public string NginxText => IsUnix ? $"unix:{Text}" : Text;

    public static ListenAddress Tcp()
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        return new(endPoint.ToString(), endPoint);
    }

    public static ListenAddress Unix(TemporaryDirectory directory)
    {
        var path = directory["app.sock"];
        return new(path, new UnixDomainSocketEndPoint(path));
    }
}
