using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Transport;

/// <summary>What a socket's error is to who reads or writes.</summary>
internal static class SocketFailure
{
    /// <summary>Stands for "we closed it ourselves", which no system call says.</summary>
    public const int Closed = int.MaxValue;

    public static Exception OfRead(int error) => error == Closed
        ? new ConnectionAbortedException("The connection was closed.")
        : new ConnectionResetException($"The connection ended with error {error} of the system.");
}
