using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.DirectTransport;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>What carries the connections of the tests without a host: the direct transport, over one kind of socket.</summary>
internal static class TestTransport
{
#if OVER_TCP
    private const bool IsOverTcp = true;
#else
    private const bool IsOverTcp = false;
#endif

    /// <summary>Opens a connection that nobody serves yet.</summary>
    /// <param name="id">The connection's id.</param>
    /// <param name="maxUnreadOutput">About how many bytes the server may send that the peer has not read; 0 for any number.</param>
    /// <param name="isLockstep">Whether bytes count as sent only when the server has received them.</param>
    /// <param name="isTcp">Whether the connection is TCP's, where a reset can be told from an end; null where that makes no difference to the test.</param>
    public static TestConnection Open(string id, int maxUnreadOutput = 0, bool isLockstep = false, bool? isTcp = null) =>
        new DirectConnection(id, SocketPair.Open(isTcp ?? IsOverTcp, bufferSize: maxUnreadOutput / 8), maxUnreadOutput, isLockstep);
}
