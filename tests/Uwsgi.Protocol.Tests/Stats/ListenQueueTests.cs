using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Uwsgi.Protocol.Stats;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>How many connections wait, of listeners that accept none.</summary>
[SupportedOSPlatform("linux")]
public class ListenQueueTests
{
    public static TheoryData<string> Kinds => ["tcp", "tcp6", "localhost", "any", "unix", "abstract", "descriptor"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Connections_that_wait_are_counted(string kind)
    {
        using var directory = new TemporaryDirectory();
        using var listener = Listen(kind, directory);
        var address = AddressOf(kind, listener);
        Assert.Equal((0, 5), QueueOf(address));
        var waiting = new List<Socket>();
        try
        {
            for (var i = 1; i <= 3; i++)
            {
                waiting.Add(await ConnectAsync(listener));
                await Eventually.TrueAsync(() => QueueOf(address).Queue == i);
            }

            using var accepted = await listener.AcceptAsync().Within();
            Assert.Equal((2, 5), QueueOf(address));
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public void Of_two_that_listen_at_one_place_the_sum_is_told()
    {
        using var first = Shared(0);
        using var second = Shared(((IPEndPoint)first.LocalEndPoint!).Port);
        Assert.Equal((0, 5), QueueOf($"http://{first.LocalEndPoint}"));
        using var connected = new Socket(SocketType.Stream, ProtocolType.Tcp);
        connected.Connect(first.LocalEndPoint);
        Assert.Equal((1, 5), QueueOf($"http://{first.LocalEndPoint}"));

        static Socket Shared(int port)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

            // SO_REUSEPORT
            socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(5);
            return socket;
        }
    }

    [Theory]
    [InlineData("uwsgi://127.0.0.1:1", "127.0.0.1:1", "uwsgi")]
    [InlineData("http://localhost:1", "localhost:1", "http")]
    [InlineData("https://[::]:1/", "[::]:1", "https")]
    [InlineData("fastcgi://unix:/nowhere/app.sock", "/nowhere/app.sock", "fastcgi")]
    [InlineData("gateway://unix:@nobody", "@nobody", "gateway")]
    [InlineData("http://pipe:/name", "pipe:/name", "http")]
    [InlineData("nonsense", "nonsense", "")]
    public void Where_nothing_is_found_the_socket_is_named_and_its_figures_are_0(string address, string name, string protocol) =>
        Assert.Equal([new SocketFigures(name, protocol, 0, 0)], SocketFigures.Read(ServerAt(address)));

    private static (int Queue, int Max) QueueOf(string address)
    {
        var figures = Assert.Single(SocketFigures.Read(ServerAt(address)));
        return (figures.Queue, figures.MaxQueue);
    }

    private static StubServer ServerAt(string address)
    {
        var server = new StubServer();
        var addresses = new ServerAddressesFeature();
        addresses.Addresses.Add(address);
        server.Features.Set<IServerAddressesFeature>(addresses);
        return server;
    }

    private static Socket Listen(string kind, TemporaryDirectory directory)
    {
        EndPoint endPoint = kind switch
        {
            "tcp6" => new IPEndPoint(IPAddress.IPv6Loopback, 0),
            "any" => new IPEndPoint(IPAddress.Any, 0),
            "unix" => new UnixDomainSocketEndPoint(directory["app.sock"]),
            "abstract" => new UnixDomainSocketEndPoint("\0" + directory["abstract"]),
            _ => new IPEndPoint(IPAddress.Loopback, 0),
        };
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(endPoint);
        socket.Listen(5);
        return socket;
    }

    private static string AddressOf(string kind, Socket listener) => kind switch
    {
        "localhost" => $"http://localhost:{((IPEndPoint)listener.LocalEndPoint!).Port}",
        "any" => $"http://[::]:{((IPEndPoint)listener.LocalEndPoint!).Port}",
        "unix" or "abstract" => $"uwsgi://unix:{listener.LocalEndPoint}",
        "descriptor" => $"uwsgi://fd:{listener.Handle}",
        _ => $"uwsgi://{listener.LocalEndPoint}",
    };

    private static async Task<Socket> ConnectAsync(Socket listener)
    {
        var endPoint = listener.LocalEndPoint is IPEndPoint { Address: var address, Port: var port } && address.Equals(IPAddress.Any)
            ? new IPEndPoint(IPAddress.Loopback, port)
            : listener.LocalEndPoint!;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(endPoint).Within();
        return socket;
    }
}
