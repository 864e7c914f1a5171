using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Opens the sockets to listen on.</summary>
internal sealed class ListenSocket(GatewayProtocol protocol, UnixSocketOptions options)
{
    /// <summary>The error that names the address and the cause.</summary>
    public static IOException Failure(GatewayAddress address, Exception cause) =>
        new($"Failed to bind to {address}: {Explain(cause)}", cause);

    /// <summary>
    /// Binds a socket; an error names the address and the cause. But where an address family is missing, the error stays as it is:
    /// Kestrel then takes the other family, for <c>localhost</c> and for every interface.
    /// </summary>
    public Socket Bind(EndPoint endPoint)
    {
        try
        {
            return endPoint is UnixDomainSocketEndPoint unix && !IsAbstract(unix)
                ? BindFile(unix)
                : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || (e is SocketException error && IsFinal(endPoint, error)))
        {
            throw Failure(new GatewayAddress(protocol, endPoint), e);
        }
    }

    private Socket BindFile(UnixDomainSocketEndPoint endPoint)
    {
        var path = endPoint.ToString();
        if (File.Exists(path))
        {
            RemoveStale(endPoint, path);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Nobody can connect before listen, so the mode is in force before the first connection.
            socket.Bind(endPoint);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, options.Mode);
                if (options.Owner is not null || options.Group is not null)
                {
                    NativeMethods.ChangeOwner(path, options.Owner, options.Group);
                }
            }

            return options.RemoveAtStop ? socket : WithoutRemoval(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket file stays behind when a process is killed. It is taken over only when nobody listens on it.</summary>
    private static void RemoveStale(UnixDomainSocketEndPoint endPoint, string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Its queue is full: somebody does listen.
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            throw new IOException("the file exists and is not a socket.", e);
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    // Connecting to an ordinary file is refused as well, and that one is somebody's: only a socket cannot be opened.
    private static bool IsSocket(string path)
    {
        try
        {
            // For reading and writing: to open a FIFO for reading alone would wait for its writer.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    // A socket that bound a file removes it when disposed; one made from the handle does not know the file.
    private static Socket WithoutRemoval(Socket socket)
    {
        var handle = new SafeSocketHandle(socket.SafeHandle.DangerousGetHandle(), ownsHandle: true);
        socket.SafeHandle.SetHandleAsInvalid();

        // Its finalizer would remove the file under the server.
#pragma warning disable CA1816 // Another's, on purpose.
        GC.SuppressFinalize(socket);
#pragma warning restore CA1816
        return new Socket(handle);
    }

    private static bool IsFinal(EndPoint endPoint, SocketException error) =>
        endPoint is not IPEndPoint || error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;

    private static bool IsAbstract(UnixDomainSocketEndPoint endPoint) => endPoint.ToString().StartsWith('@');

    private static string Explain(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "address already in use.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "permission denied.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "no such directory, or no such local address.",
        _ => e.Message,
    };
}
