using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// The socket that a front end hands to a process it starts: descriptor 0, FCGI_LISTENSOCK_FILENO. Section 2.2 of FastCGI.
/// </summary>
internal static class SpawnedSocket
{
    public const ulong Descriptor = 0;

    /// <summary>Whether descriptor 0 is a socket that listens, and not what a terminal, a shell or a service manager puts there.</summary>
    public static bool IsHere => !OperatingSystem.IsWindows() && IsListening(Descriptor);

    /// <summary>Takes it from its place: children, and the console, find an empty input there.</summary>
    public static FileHandleEndPoint Take() => new(NativeMethods.MoveDescriptor(Descriptor), FileHandleType.Auto);

    internal static bool IsListening(ulong descriptor)
    {
        using var handle = new SafeSocketHandle((nint)descriptor, ownsHandle: false);
        try
        {
            using var socket = new Socket(handle);
            return socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
