using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Opens the sockets to listen on.</summary>
internal sealed class ListenSocket(string scheme, UnixSocketOptions unixSocket, int backlog)
{
    public ListenSocket(GatewayProtocol protocol, UwsgiProtocolOptions options)
        : this(GatewayAddress.Scheme(protocol), options.UnixSocket, options.Backlog)
    {
    }

    /// <summary>The error that names the address and the cause.</summary>
    public static IOException Failure(GatewayAddress address, Exception cause) => Failure(address.ToString(), cause);

    /// <inheritdoc cref="Failure(GatewayAddress, Exception)"/>
    public static IOException Failure(string address, Exception cause) => new($"Failed to bind to {address}: {Explain(cause)}", cause);

    /// <summary>
    /// Binds a socket; an error names the address and the cause. But where an address family is missing, the error stays as it is:
    /// Kestrel then takes the other family, for <c>localhost</c> and for every interface.
    /// </summary>
    public Socket Bind(EndPoint endPoint)
    {
        try
        {
            if (endPoint is FileHandleEndPoint inherited)
            {
                return SocketTransportOptions.CreateDefaultBoundListenSocket(Inherit(inherited));
            }

            return endPoint is UnixDomainSocketEndPoint unix && IsFile(unix)
                ? new SocketFile(unix).Listen(unixSocket, backlog)
                : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || (e is SocketException error && IsFinal(endPoint, error)))
        {
            throw Failure(GatewayAddress.ToString(scheme, endPoint), e);
        }
    }

    /// <summary>Whether a unix socket has a file, and not an abstract name.</summary>
    public static bool IsFile(UnixDomainSocketEndPoint endPoint) => !endPoint.ToString().StartsWith('@');

    private static FileHandleEndPoint Inherit(FileHandleEndPoint inherited)
    {
        var own = inherited.FileHandle == SpawnedSocket.Descriptor && SpawnedSocket.IsHere ? SpawnedSocket.Take() : inherited;
        NativeMethods.KeepFromChildren(own.FileHandle);
        return own;
    }

    private static bool IsFinal(EndPoint endPoint, SocketException error) =>
        endPoint is not IPEndPoint || error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;

    private static string Explain(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "address already in use.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "permission denied.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "no such directory, or no such local address.",
        _ => e.Message,
    };
}
