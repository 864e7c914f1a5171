using System.Net;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>What carries the connections of the tests without a host: pipes. The same tests run over the direct transport with another of these.</summary>
internal static class TestTransport
{
    /// <summary>Opens a connection that nobody serves yet.</summary>
    /// <param name="id">The connection's id.</param>
    /// <param name="maxUnreadOutput">How many bytes the server may send that the peer has not read; 0 for any number.</param>
    /// <param name="isLockstep">Whether bytes count as sent only when the server has looked at them.</param>
    /// <param name="isTcp">Whether the server is to see TCP, where a reset can be told from an end; null where that makes no difference to the test.</param>
    public static TestConnection Open(string id, int maxUnreadOutput = 0, bool isLockstep = false, bool? isTcp = null)
    {
        var connection = new InMemoryConnection(id, maxUnreadOutput, isLockstep);
        if (isTcp == true)
        {
            connection.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1);
        }

        return connection;
    }
}
