using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.DirectTransport;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>What carries the connections of the tests without a host: the direct transport.</summary>
internal static class TestTransport
{
    /// <summary>Whether these are pipes, as of Kestrel's transport.</summary>
    public const bool IsPipes = false;

    /// <inheritdoc cref="DirectConnection(string, SocketPair, int, bool)"/>
    /// <param name="id">The connection's id.</param>
    /// <param name="maxUnreadOutput">About how many bytes the server may send that the peer has not read; 0 for any number.</param>
    /// <param name="isLockstep">Whether bytes count as sent only when the server has received them.</param>
    /// <param name="isTcp">Whether the connection is TCP, where a reset can be told from an end; a unix socket's otherwise.</param>
    public static TestConnection Open(string id, int maxUnreadOutput = 0, bool isLockstep = false, bool isTcp = false) =>
        new DirectConnection(id, SocketPair.Open(isTcp), maxUnreadOutput, isLockstep);
}
