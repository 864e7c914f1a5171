using System.Net.Sockets;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>Who sends at once is waited for, and who does not costs the others next to nothing.</summary>
public class BriefWaitTests
{
    [Fact]
    public void What_is_there_needs_no_wait_and_the_end_is_something_too()
    {
        using var sockets = new Pair();
        var wait = new BriefWait();
        sockets.Peer.Send("x"u8);
        Assert.True(wait.Wait(sockets.Descriptor));
        Assert.Equal(1, sockets.Server.Receive(new byte[1]));
        sockets.Peer.Shutdown(SocketShutdown.Send);
        Assert.True(wait.Wait(sockets.Descriptor));
    }

    [Fact]
    public void Who_says_nothing_makes_it_wait_more_and_more_seldom_until_somebody_speaks()
    {
        using var silent = new Pair();
        using var sender = new Pair();
        sender.Peer.Send("x"u8);
        var wait = new BriefWait();
        foreach (var pause in (int[])[4, 16, 64, 256, 1024, 1024])
        {
            Assert.False(wait.Wait(silent.Descriptor));
            for (var i = 0; i < pause; i++)
            {
                // Not even asked.
                Assert.False(wait.Wait(sender.Descriptor));
            }
        }

        Assert.True(wait.Wait(sender.Descriptor));
        Assert.False(wait.Wait(silent.Descriptor));
        for (var i = 0; i < 4; i++)
        {
            Assert.False(wait.Wait(sender.Descriptor));
        }

        Assert.True(wait.Wait(sender.Descriptor));
    }

    private sealed class Pair : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public Pair()
        {
            _listener.Bind(new UnixDomainSocketEndPoint($"\0{Guid.NewGuid():N}"));
            _listener.Listen();
            Peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            Peer.Connect(_listener.LocalEndPoint!);
            Server = _listener.Accept();
        }

        public Socket Server { get; }

        public Socket Peer { get; }

        public int Descriptor => (int)Server.Handle;

        public void Dispose()
        {
            _listener.Dispose();
            Server.Dispose();
            Peer.Dispose();
        }
    }
}
