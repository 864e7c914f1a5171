using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>The start and the end of the direct transport.</summary>
[Collection(nameof(Hosting.OneAtATime))]
public sealed class SocketServerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LogCapture _logs = new();
    private int _canceledBefore;

    public void Dispose()
    {
        _services.Dispose();
        _logs.Dispose();
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_stop_among_connections_that_come_loses_none_it_has_taken(string transport)
    {
        for (var round = 0; round < 150; round++)
        {
            var begun = 0;
            var ended = 0;
            using var server = Create();
            var endPoint = Listen(server, transport, async connection =>
            {
                Interlocked.Increment(ref begun);
                var read = await connection.Transport.Input.ReadAsync(connection.ConnectionClosedRequested);
                await connection.Transport.Output.WriteAsync(read.Buffer.ToArray());
                Interlocked.Increment(ref ended);
            });
            server.Start();
            using var stop = new ManualResetEventSlim();
            var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                while (!stop.IsSet)
                {
                    try
                    {
                        using var socket = New(endPoint);
                        socket.Connect(endPoint);
                        socket.Send("x"u8);
                        _ = socket.Receive(new byte[1]);
                    }
                    catch (SocketException)
                    {
                        // It has stopped.
                    }
                }
            })).ToArray();
            await Eventually.TrueAsync(() => ended > round % 20);
            await server.StopAsync(CancellationToken.None).Within();

            // All of them have ended, those that were asked to stop by an exception.
            var canceled = _logs.Of("ConnectionFailed").Count(entry => entry.Exception is OperationCanceledException);
            Assert.Equal(begun, ended + canceled - _canceledBefore);
            _canceledBefore = canceled;
            stop.Set();
            await Task.WhenAll(clients).Within();
        }

        _logs.Expect(entry => entry.Exception is OperationCanceledException);
        _logs.VerifyNoErrors();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_app_that_blocks_beyond_the_end_of_the_server_harms_nobody(bool hasWaited)
    {
        using var release = new ManualResetEventSlim();
        var inside = new SyncPoint();
        var ended = new TaskCompletionSource();
        var thread = default(Thread);
        var server = Create();
        var endPoint = Listen(server, "tcp", async connection =>
        {
            if (hasWaited)
            {
                var first = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(first.Buffer.End);
                do
                {
                    // Goes on on a thread of the poller; on the pool's where the byte came before anybody waited.
                    var read = await connection.Transport.Input.ReadAsync();
                    connection.Transport.Input.AdvanceTo(read.Buffer.End);
                }
                while (Thread.CurrentThread.IsThreadPoolThread);
            }

            thread = Thread.CurrentThread;
            _ = inside.MeetAsync();
            release.Wait();
            ended.SetResult();
        });
        server.Start();
        using var socket = New(endPoint);
        await socket.ConnectAsync(endPoint);
        await socket.SendAsync("x"u8.ToArray());
        if (hasWaited)
        {
            await Eventually.TrueAsync(() =>
            {
                socket.Send("x"u8);
                return inside.Reached.IsCompleted;
            });
        }

        await inside.Reached;
        inside.Continue();
        await server.StopAsync(new CancellationToken(canceled: true)).Within();
        await Task.Run(server.Dispose).Within();
        release.Set();
        await ended.Task.Within();
        await Eventually.TrueAsync(() => !thread!.IsAlive);
        _logs.VerifyNoErrors();
    }

    [Fact]
    public async Task A_callback_of_the_app_that_fails_is_logged_and_the_connection_still_ends()
    {
        using var server = Create();
        var endPoint = Listen(server, "tcp", async connection =>
        {
            connection.ConnectionClosed.Register(() => throw new InvalidOperationException("the app's"));
            var read = await connection.Transport.Input.ReadAsync();
            if (read.Buffer.FirstSpan[0] == 'w')
            {
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                _ = await connection.Transport.Input.ReadAsync();
            }
        });
        server.Start();
        foreach (var text in (string[])["w", "x"])
        {
            // The one is told that its peer has gone; the other ends first.
            using var socket = New(endPoint);
            await socket.ConnectAsync(endPoint);
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(text));
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1].AsMemory()).AsTask().Within());
        }

        await server.StopAsync(CancellationToken.None).Within();
        _logs.Expect("CallbackFailed");
        await Eventually.TrueAsync(() => _logs.Of("CallbackFailed").Count() == 2);
        _logs.VerifyNoErrors();
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Connections_over_the_limit_are_closed_and_the_others_stay(string transport)
    {
        using var server = Create(maxConnections: 2);
        var endPoint = Listen(server, transport, async connection =>
        {
            await connection.Transport.Output.WriteAsync("x"u8.ToArray());
            await connection.Transport.Input.CopyToAsync(Stream.Null);
        });
        server.Start();
        using var first = await ConnectAsync(endPoint);
        using var second = await ConnectAsync(endPoint);
        Assert.True(await IsServedAsync(first) && await IsServedAsync(second));
        for (var i = 0; i < 20; i++)
        {
            using var third = await ConnectAsync(endPoint);
            Assert.False(await IsServedAsync(third));
        }

        first.Shutdown(SocketShutdown.Both);
        await Eventually.TrueAsync(() =>
        {
            using var another = ConnectAsync(endPoint).GetAwaiter().GetResult();
            return IsServedAsync(another).GetAwaiter().GetResult();
        });
        await server.StopAsync(new CancellationToken(canceled: true));
        _logs.VerifyNoErrors();
    }

    [Fact]
    public async Task A_peers_name_may_be_any_bytes()
    {
        var name = default(EndPoint);
        using var server = Create();
        var endPoint = Listen(server, "unix", connection =>
        {
            name = connection.RemoteEndPoint;
            return Task.CompletedTask;
        });
        server.Start();
        using var socket = New(endPoint);

        // An abstract name of a hundred bytes that are no UTF-8.
        var address = new SocketAddress(AddressFamily.Unix, 103);
        address.Buffer.Span[3..].Fill(0xFF);
        address[99] = (byte)Random.Shared.Next(128, 256);
        socket.Bind(new RawEndPoint(address));
        await socket.ConnectAsync(endPoint);
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1].AsMemory()).AsTask().Within());
        Assert.IsType<UnixDomainSocketEndPoint>(name);
        _logs.VerifyNoErrors();
        await server.StopAsync(CancellationToken.None).Within();
    }

    [Fact]
    public async Task A_descriptor_that_cannot_be_watched_ends_its_connection_alone()
    {
        using var pairs = new SocketPairs("tcp");
        await using var file = File.OpenRead(typeof(SocketServerTests).Assembly.Location);
        await using var connection = new SocketConnection(pairs.Poller, _logs.CreateFactory().CreateLogger("test"), CancellationToken.None);
        connection.Open(Libc.Duplicate((int)file.SafeFileHandle.DangerousGetHandle()), isUnix: true);
        _ = connection.ConnectionClosed;
        connection.LeaveInline();
        Assert.Single(_logs.Of("NotWatched"));
        Assert.False(connection.IsWatched);
    }

    private static Socket New(EndPoint endPoint) =>
        new(endPoint.AddressFamily, SocketType.Stream, endPoint.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);

    private static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        var socket = New(endPoint);
        await socket.ConnectAsync(endPoint).Within();

        // Who says nothing is the kernel's guest for a second.
        try
        {
            await socket.SendAsync("x"u8.ToArray());
        }
        catch (SocketException)
        {
            // Closed already.
        }

        return socket;
    }

    private static async Task<bool> IsServedAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1].AsMemory()).AsTask().Within() == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static EndPoint Listen(SocketServer server, string transport, Func<SocketConnection, Task> serve)
    {
        EndPoint endPoint = transport == "unix" ? new UnixDomainSocketEndPoint("\0" + Guid.NewGuid()) : new IPEndPoint(IPAddress.Loopback, 0);
        var socket = New(endPoint);
        socket.Bind(endPoint);
        socket.Listen(512);
        endPoint = socket.LocalEndPoint!;
        server.Add(socket, isShared: false, serve);
        return endPoint;
    }

    private SocketServer Create(long? maxConnections = null) =>
        new(maxConnections, new GatewayMetrics(_services.GetRequiredService<IMeterFactory>()), _logs.CreateFactory());

    private sealed class RawEndPoint(SocketAddress address) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override SocketAddress Serialize() => address;
    }
}
