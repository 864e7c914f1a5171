using System.Net.Sockets;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// The file of a unix socket, which other processes may want too: another instance of the app that starts while this one stops. What is
/// done to it is done under the lock of its directory.
/// </summary>
internal sealed class SocketFile(UnixDomainSocketEndPoint endPoint)
{
    // What open(2) says of a socket. A number of the system's, which IOException keeps.
    private static readonly int NoSuchDevice = OperatingSystem.IsMacOS() ? 102 : 6;

    private readonly string _path = endPoint.ToString();

    public string Directory => Path.GetDirectoryName(_path) ?? _path;

    /// <summary>
    /// Listens, with the file's mode in force before anybody can connect; at once, because what is bound and does not listen looks like
    /// one left behind.
    /// </summary>
    public Socket Listen(UnixSocketOptions options, int backlog)
    {
        if (File.Exists(_path) && !TryRemoveStale())
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_path, options.Mode);
                if (options.Owner is not null || options.Group is not null)
                {
                    NativeMethods.ChangeOwner(_path, options.Owner, options.Group);
                }
            }

            socket.Listen(backlog);
            return WithoutRemoval(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Removes the file after the stop, unless another process listens on it by now.</summary>
    public void Remove()
    {
        try
        {
            _ = !File.Exists(_path) || TryRemoveStale();
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            // Not ours any more, or not ours to remove: the next start says why.
        }
    }

    /// <summary>A socket file stays behind when a process is killed. It is removed only when nobody listens on it.</summary>
    /// <returns>Whether there is no file any more.</returns>
    private bool TryRemoveStale()
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Its queue is full: somebody does listen.
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // Gone since it was looked for.
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (!IsSocket())
            {
                throw new IOException("the file exists and is not a socket.", e);
            }

            File.Delete(_path);
            return true;
        }
    }

    // Connecting to an ordinary file is refused as well, and that one is somebody's: only a socket cannot be opened.
    private bool IsSocket()
    {
        try
        {
            // For reading and writing: to open a FIFO for reading alone would wait for its writer.
            using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException e)
        {
            return OperatingSystem.IsWindows() || e.HResult == NoSuchDevice || e is FileNotFoundException;
        }
    }

    // A socket that bound a file removes it when disposed, whosever it is by then; one made from the handle does not know the file.
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
}
