using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Processes that a front end starts: FCGI_LISTENSOCK_FILENO and FCGI_WEB_SERVER_ADDRS.</summary>
public class SpawnedTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_a_front_end_starts_serves_the_socket_at_descriptor_0_and_leaves_an_empty_input_there(bool unix)
    {
        using var directory = new TemporaryDirectory();
        EndPoint endPoint = unix ? new UnixDomainSocketEndPoint(directory["s.sock"]) : new IPEndPoint(IPAddress.Loopback, FreePort.Next());

        // As spawn-fcgi, mod_fcgid and lighttpd do: open the socket, put it at descriptor 0, become the app.
        const string Script = """
            use IO::Socket::UNIX; use IO::Socket::INET; use POSIX;
            my $socket = $ARGV[0] =~ m{^/} ? IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $ARGV[0], Listen => 10)
                : IO::Socket::INET->new(LocalAddr => $ARGV[0], Listen => 10, ReuseAddr => 1) or die $!;
            POSIX::dup2($socket->fileno, 0);
            exec $ARGV[1], $ARGV[2], "serve-spawned" or die $!;
            """;
        await using var process = RunningProcess.Start(
            Programs.PathOf("perl"), ["-e", Script, $"{endPoint}", Environment.ProcessPath!, typeof(SpawnedTests).Assembly.Location], directory.FullPath);
        await Deadline.UntilAsync("the app accepts", async () => process.HasExited || await Accepting.IsAsync(endPoint));

        Assert.Equal("read '', child /dev/null\n", (await SocketPeer.AskAsync(endPoint, Packets.Get())).Body);

        process.AskToEnd();
        using var patience = new CancellationTokenSource(Deadline.Default);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);

        // The socket is the front end's: it stays.
        Assert.Equal(unix, File.Exists(directory["s.sock"]));
    }

    [Fact]
    public async Task Only_a_socket_that_listens_counts_and_to_look_at_it_changes_nothing()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var descriptor = (ulong)socket.SafeHandle.DangerousGetHandle();
        Assert.False(SpawnedSocket.IsListening(descriptor));
        socket.Listen();
        Assert.True(SpawnedSocket.IsListening(descriptor));
        using var peer = await SocketPeer.ConnectAsync(socket.LocalEndPoint!);
        using var accepted = await socket.AcceptAsync();
        Assert.False(SpawnedSocket.IsListening((ulong)accepted.SafeHandle.DangerousGetHandle()));
        await peer.SendAsync(new byte[1]);
        Assert.Equal(1, await accepted.ReceiveAsync(new byte[2]));
        using var file = File.OpenRead(typeof(SpawnedTests).Assembly.Location);
        Assert.False(SpawnedSocket.IsListening((ulong)file.SafeFileHandle.DangerousGetHandle()));
    }

    [Fact]
    public async Task Started_by_anybody_else_a_process_opens_nothing_for_it()
    {
        bool? isSpawned = null;
        await using var app = await RunningApp.StartAsync(static _ => Task.CompletedTask, options => isSpawned = options.ListenSpawned());
        Assert.False(isSpawned);
        Assert.Empty(app.EndPoints);
    }

    [Theory]
    [Trait("Guards", "only those on the list may decide who a user is")]
    [InlineData(null, "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1,10.0.0.2", "10.0.0.2", true)]
    [InlineData("10.0.0.1, 10.0.0.2 ", "10.0.0.2", true)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData(null, null, true)]
    [InlineData("127.0.0.1", null, false)]
    public async Task Those_whom_FCGI_WEB_SERVER_ADDRS_does_not_name_may_not_connect_by_FastCGI(string? addresses, string? peer, bool isAllowed)
    {
        await using var connection = new InMemoryConnection("C1");
        connection.RemoteEndPoint = peer is null ? new UnixDomainSocketEndPoint("/run/app.sock") : new IPEndPoint(IPAddress.Parse(peer), 1);
        var filter = new PeerFilter(new UwsgiProtocolOptions(), new(addresses), hasCredentials: true);
        Assert.Equal(isAllowed, filter.Allows(connection, GatewayProtocol.FastCgi));
        Assert.True(filter.Allows(connection, GatewayProtocol.Uwsgi));
        Assert.True(filter.Allows(connection, GatewayProtocol.Scgi));
    }

    [Fact]
    [Trait("Guards", "only those on the list may decide who a user is")]
    public async Task FCGI_WEB_SERVER_ADDRS_takes_nobody_in_whom_AllowedNetworks_keeps_out()
    {
        await using var connection = new InMemoryConnection("C1") { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1) };
        var filter = new PeerFilter(new UwsgiProtocolOptions { AllowedNetworks = { "10.0.0.0/8" } }, new("127.0.0.1"), hasCredentials: true);
        Assert.False(filter.Allows(connection, GatewayProtocol.FastCgi));
    }

    [Theory]
    [Trait("Guards", "an allow list that is not understood allows nobody")]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("10.0.0.1,")]
    [InlineData("10.0.0.0/8")]
    public void What_is_no_list_of_addresses_stops_the_start(string addresses) =>
        Assert.Contains("FCGI_WEB_SERVER_ADDRS", Assert.Throws<FormatException>(() => new WebServerAddresses(addresses)).Message, StringComparison.Ordinal);
}
