using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>Everything at once, on descriptors that are used again and again.</summary>
[Collection(nameof(Hosting.OneAtATime))]
public class SocketRaceTests
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Cancellations_bytes_and_ends_that_race_leave_no_read_behind_and_no_byte_astray(string transport)
    {
        using var pairs = new SocketPairs(transport);
        var gate = new Lock();
        var numbers = new int[2];
        await Parallel.ForAsync(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            SocketPair pair;
            lock (gate)
            {
                pair = pairs.Connect();
            }

            await using var owned = pair;
            var own = (byte)i;
            using var canceling = new CancellationTokenSource();
            var reading = ReadAsync(pair, own, canceling.Token);
            var writing = WriteAsync(pair, own);
            var random = new Random(i);
            var sending = Task.Run(() => Send(pair, own, random.Next(1, 6), isEnd: i % 3 == 0), CancellationToken.None);
            for (var j = random.Next(6); j > 0; j--)
            {
                pair.Connection.Input.CancelPendingRead();
                pair.Connection.Output.CancelPendingFlush();
                Thread.SpinWait(random.Next(2000));
            }

            switch (i % 3)
            {
                case 1:
                    pair.Connection.Abort();
                    break;
                case 2:
                    await canceling.CancelAsync();
                    break;
            }

            Interlocked.Add(ref numbers[0], await reading.Within());
            await sending.Within();
            pair.Peer.Dispose();
            await writing.Within();
        });
        Assert.NotEqual(0, numbers[0]);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_connection_that_is_over_is_nobody_elses(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var over = pairs.Connect();
        var waiting = over.Connection.Input.ReadAsync().AsTask();
        await over.Connection.DisposeAsync();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => waiting.Within());

        // Has the descriptor of the one before, as a rule.
        await using var next = pairs.Connect();
        var reading = next.Connection.Input.ReadAsync().AsTask();
        over.Connection.OnEvents(pairs.Poller.Epoll, over.Connection.Serial, uint.MaxValue);
        over.Connection.HalfClose();
        over.Connection.Abort();
        over.Connection.LeaveInline();
        Assert.Null(over.Connection.RemoteEndPoint);
        Assert.True(over.Connection.ConnectionClosed.IsCancellationRequested);
        Assert.Throws<ObjectDisposedException>(() => over.Connection.Socket);
        next.Connection.OnEvents(pairs.Poller.Epoll, over.Connection.Serial, uint.MaxValue);
        await next.SendAsync(new byte[] { 42 });
        Assert.Equal([42], (await reading.Within()).Buffer.FirstSpan.ToArray());
        Assert.False(next.Connection.ConnectionClosed.IsCancellationRequested);
    }

    /// <summary>Reads to whatever end there is; every byte must be of this connection.</summary>
    private static async Task<int> ReadAsync(SocketPair pair, byte own, CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            while (true)
            {
                var read = await pair.Connection.Input.ReadAsync(cancellationToken);
                foreach (var segment in read.Buffer)
                {
                    Assert.Equal(-1, segment.Span.IndexOfAnyExcept(own));
                    count += segment.Length;
                }

                pair.Connection.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return count;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException)
        {
            return count;
        }
    }

    /// <summary>Writes more than the peer takes, until there is an end.</summary>
    private static async Task WriteAsync(SocketPair pair, byte own)
    {
        var bytes = new byte[700_000];
        bytes.AsSpan().Fill(own);
        while (!(await pair.Connection.Output.WriteAsync(bytes)).IsCompleted)
        {
        }
    }

    private static void Send(SocketPair pair, byte own, int pieces, bool isEnd)
    {
        var received = new byte[20_000];
        try
        {
            for (; pieces > 0; pieces--)
            {
                var bytes = new byte[pieces * 100];
                bytes.AsSpan().Fill(own);
                pair.Peer.Send(bytes);
                if (pair.Peer.Available > 0)
                {
                    Assert.Equal(-1, received.AsSpan(0, pair.Peer.Receive(received)).IndexOfAnyExcept(own));
                }
            }

            if (isEnd)
            {
                pair.Peer.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // We closed it.
        }
    }
}
