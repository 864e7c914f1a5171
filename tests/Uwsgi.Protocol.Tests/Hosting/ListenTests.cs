using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Sockets to listen on: their files, their descriptors, and who may connect.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public class ListenTests
{
    [Theory]
    [InlineData("[::1]:0", "uwsgi://[::1]:")]
    [InlineData("127.0.0.1:0", "uwsgi://127.0.0.1:")]
    [InlineData("0", "uwsgi://127.0.0.1:")]
    public async Task A_tcp_address_is_listened_on(string address, string shown)
    {
        await using var app = await StartAsync(options => options.Listen(address));
        Assert.StartsWith(shown, app.Addresses.Single(found => found.StartsWith("uwsgi:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        Assert.Empty(app.Logs.Of("ReachableFromOutside"));
    }

    [Fact]
    public async Task Localhost_is_both_families()
    {
        var port = HostScenarioTests.FreePort();
        await using var app = await StartAsync(options => options.Listen($"localhost:{port}"));
        Assert.Contains($"uwsgi://localhost:{port}", app.Addresses);
        Assert.Equal("hello", (await SocketPeer.AskAsync(new IPEndPoint(IPAddress.Loopback, port), Packets.Get())).Body);
        Assert.Equal("hello", (await SocketPeer.AskAsync(new IPEndPoint(IPAddress.IPv6Loopback, port), Packets.Get())).Body);
    }

    [Theory]
    [Trait("Guards", "an open port is asked for by name, and warned of")]
    [InlineData(":0")]
    [InlineData("*:0")]
    [InlineData("0.0.0.0:0")]
    public async Task An_address_that_others_can_reach_is_warned_of(string address)
    {
        await using var app = await StartAsync(options => options.Listen(address));
        var warning = Assert.Single(app.Logs.Of("ReachableFromOutside"));
        Assert.Equal((LogLevel.Warning, "Uwsgi.Protocol.Hosting", 1), (warning.Level, warning.Category, warning.Event.Id));
        var port = ((IPEndPoint)app.EndPoint).Port;
        Assert.Equal("hello", (await SocketPeer.AskAsync(new IPEndPoint(IPAddress.Loopback, port), Packets.Get())).Body);
    }

    [Fact]
    public async Task An_address_that_only_some_can_reach_is_not_warned_of()
    {
        await using var app = await StartAsync(options =>
        {
            options.Listen("0.0.0.0:0");
            options.AllowedNetworks.Add("127.0.0.0/8");
        });
        Assert.Empty(app.Logs.Of("ReachableFromOutside"));
    }

    [Theory]
    [Trait("Guards", "only those on the list may decide who a user is")]
    [InlineData("192.0.2.1")]
    [InlineData("front-end")]
    [InlineData("")]
    public async Task A_network_that_is_none_stops_the_start(string network)
    {
        var exception = await Assert.ThrowsAsync<FormatException>(() => StartAsync(options =>
        {
            options.Listen(0);
            options.AllowedNetworks.Add(network);
        }));
        Assert.Contains($"'{network}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Guards", "only those on the list may decide who a user is")]
    public void Networks_of_the_configuration_are_networks_of_the_options()
    {
        var options = new UwsgiProtocolOptions();
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["AllowedNetworks:0"] = "192.0.2.0/24" }).Build().Bind(options);
        Assert.Equal(["192.0.2.0/24"], options.AllowedNetworks);
    }

    [Theory]
    [Trait("Guards", "only those on the list may decide who a user is")]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("192.0.2.0/24", false)]
    public async Task A_peer_from_another_network_is_reset(string network, bool isAllowed)
    {
        await using var app = await StartAsync(options =>
        {
            options.Listen("*:0");
            options.AllowedNetworks.Add(network);
        });
        var endPoint = new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)app.EndPoint).Port);
        if (isAllowed)
        {
            Assert.Equal(200, (await SocketPeer.AskAsync(endPoint, Packets.Get())).Status);
            return;
        }

        try
        {
            using var peer = await SocketPeer.ConnectAsync(endPoint);
            var received = await peer.ReadToEndAsync();
            Assert.Empty(received.Bytes);
            Assert.True(received.IsReset);
        }
        catch (SocketException e)
        {
            // Reset before it knew that it was connected.
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }

        await Eventually.TrueAsync(() => app.Logs.Of("PeerNotAllowed").Any());
        Assert.Equal(LogLevel.Debug, Assert.Single(app.Logs.Of("PeerNotAllowed")).Level);
    }

    [Theory]
    [Trait("Guards", "only those on the list may decide who a user is")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_of_another_user_is_turned_away(bool isAllowed)
    {
        var me = uint.Parse(await RunAsync("id", "-u"), System.Globalization.CultureInfo.InvariantCulture);
        await using var app = await StartAsync(options =>
        {
            options.Listen(HostScenarioTests.SocketPath());
            options.AllowedUserIds.Add(isAllowed ? me : me + 1);
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        if (isAllowed)
        {
            await peer.SendAsync(Packets.Get());
        }

        Assert.Equal(isAllowed ? 200 : 0, (await peer.ReadToEndAsync()).Status);
    }

    [Fact]
    [Trait("Guards", "only those on the list may decide who a user is")]
    public async Task A_peer_of_another_kind_is_on_no_list()
    {
        await using var pipe = new InMemoryConnection("C1");
        Assert.True(new PeerFilter(new UwsgiProtocolOptions()).Allows(pipe, GatewayProtocol.Uwsgi));
        Assert.False(new PeerFilter(new UwsgiProtocolOptions { AllowedNetworks = { "0.0.0.0/0" } }).Allows(pipe, GatewayProtocol.Uwsgi));
        Assert.False(new PeerFilter(new UwsgiProtocolOptions { AllowedUserIds = { 0 } }).Allows(pipe, GatewayProtocol.Uwsgi));
        pipe.RemoteEndPoint = new DnsEndPoint("example.org", 1);
        Assert.False(new PeerFilter(new UwsgiProtocolOptions { AllowedNetworks = { "0.0.0.0/0" } }).Allows(pipe, GatewayProtocol.Uwsgi));
    }

    [Fact]
    [Trait("Guards", "only those on the list may decide who a user is")]
    public void User_ids_are_refused_where_the_system_does_not_tell_them()
    {
        Assert.Throws<PlatformNotSupportedException>(() => new PeerFilter(new UwsgiProtocolOptions { AllowedUserIds = { 0 } }, new(null), hasCredentials: false));
        _ = new PeerFilter(new UwsgiProtocolOptions(), new(null), hasCredentials: false);
    }

    [Fact]
    public async Task A_network_does_not_keep_unix_sockets_out()
    {
        await using var app = await StartAsync(options =>
        {
            options.Listen(HostScenarioTests.SocketPath());
            options.AllowedNetworks.Add("192.0.2.0/24");
        });
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task A_socket_file_has_its_mode_and_is_gone_after_the_stop()
    {
        var path = HostScenarioTests.SocketPath();
        await using (var app = await StartAsync(options => options.Listen(path)))
        {
            Assert.Equal("660", Convert.ToString((int)File.GetUnixFileMode(path), 8));
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }

        Assert.False(File.Exists(path));
        await using (await StartAsync(options =>
        {
            options.Listen(path);
            options.UnixSocket.Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }))
        {
            Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(path), 8));
        }
    }

    [Fact]
    public async Task A_socket_file_may_stay_and_is_taken_over_at_the_next_start()
    {
        var path = HostScenarioTests.SocketPath();
        for (var i = 0; i < 2; i++)
        {
            await using (var app = await StartAsync(options =>
            {
                options.Listen(path);
                options.UnixSocket.RemoveAtStop = false;
            }))
            {
                // Whatever becomes of objects that nobody needs any more.
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
            }

            Assert.True(File.Exists(path));
        }

        await using (var app = await StartAsync(options => options.Listen(path)))
        {
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_socket_file_on_which_somebody_listens_is_not_taken()
    {
        var path = HostScenarioTests.SocketPath();
        await using var first = await StartAsync(options => options.Listen(path));
        var exception = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options.Listen(path)));
        Assert.Contains($"uwsgi://unix:{path}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("in use", exception.Message, StringComparison.Ordinal);
        Assert.Equal("hello", (await first.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public void A_socket_file_that_was_just_bound_does_not_look_left_behind()
    {
        var endPoint = new UnixDomainSocketEndPoint(HostScenarioTests.SocketPath());
        var socket = new ListenSocket(GatewayProtocol.Uwsgi, new UwsgiProtocolOptions());
        using (socket.Bind(endPoint))
        {
            Assert.Contains("in use", Assert.Throws<IOException>(() => socket.Bind(endPoint)).Message, StringComparison.Ordinal);
        }

        new SocketFile(endPoint).Remove();
        Assert.False(File.Exists(endPoint.ToString()));
    }

    [Fact]
    public async Task Of_many_that_find_a_socket_file_left_behind_one_takes_it_over()
    {
        var path = HostScenarioTests.SocketPath();
        for (var round = 0; round < 5; round++)
        {
            // The file of the round before is left behind.
            var starts = Enumerable.Range(0, 4).Select(_ => Task.Run(() => StartAsync(options =>
            {
                options.Listen(path);
                options.UnixSocket.RemoveAtStop = false;
            }))).ToList();
            await Task.WhenAny(Task.WhenAll(starts));
            await using var one = await Assert.Single(starts, static start => start.IsCompletedSuccessfully);
            Assert.All(starts.Where(start => start.IsFaulted), start =>
                Assert.Contains("in use", Assert.IsType<IOException>(start.Exception!.InnerException).Message, StringComparison.Ordinal));
            Assert.Equal("hello", (await one.AskAsync(Packets.Get())).Body);
        }

        File.Delete(path);
    }

    [Fact]
    public async Task A_start_waits_while_another_process_is_at_a_file_of_the_directory()
    {
        var directory = Directory.CreateTempSubdirectory();
        var path = Path.Combine(directory.FullName, "app.sock");
        Task<RunningApp> start;
        using (await DirectoryLock.TakeAsync(directory.FullName))
        {
            start = Task.Run(() => StartAsync(options => options.Listen(path)));
            await Task.Delay(500);
            Assert.False(File.Exists(path));
        }

        await using (await start.Within())
        {
            Assert.True(File.Exists(path));
        }

        directory.Delete();
    }

    [Fact]
    public async Task Nobody_stops_a_start_by_holding_the_directory()
    {
        var directory = Directory.CreateTempSubdirectory();
        using (await DirectoryLock.TakeAsync(directory.FullName))
        {
            await using var app = await StartAsync(options => options.Listen(Path.Combine(directory.FullName, "app.sock")));
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }

        Assert.Empty(directory.GetFiles());
        directory.Delete();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_socket_file_that_is_another_process_by_now_stays_at_the_stop(bool isStopped)
    {
        var path = HostScenarioTests.SocketPath();
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await using (var app = await StartAsync(options => options.Listen(path)))
        {
            File.Delete(path);
            other.Bind(new UnixDomainSocketEndPoint(path));
            other.Listen();
            if (isStopped)
            {
                await app.StopAsync();
            }
        }

        using var peer = await SocketPeer.ConnectAsync(new UnixDomainSocketEndPoint(path));
    }

    [Fact]
    public async Task A_file_that_cannot_be_looked_at_is_not_taken_for_a_socket()
    {
        // ETXTBSY: a program that runs.
        var path = HostScenarioTests.SocketPath();
        File.Copy("/bin/sleep", path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var running = Process.Start(path, "60");
        try
        {
            await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options.Listen(path)));
            Assert.True(File.Exists(path));
        }
        finally
        {
            running.Kill();
            File.Delete(path);
        }
    }

    [Fact]
    public async Task An_ordinary_file_is_not_deleted()
    {
        var path = HostScenarioTests.SocketPath();
        await File.WriteAllTextAsync(path, "precious");
        try
        {
            var exception = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options.Listen(path)));
            Assert.Contains("not a socket", exception.Message, StringComparison.Ordinal);
            Assert.Equal("precious", await File.ReadAllTextAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_named()
    {
        var path = $"/nowhere-{Guid.NewGuid():N}/app.sock";
        var exception = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options.Listen(path)));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Contains("no such directory", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_not_of_this_machine_is_named()
    {
        var exception = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options.Listen("192.0.2.1:3031")));
        Assert.Contains("uwsgi://192.0.2.1:3031: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("no such local address", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_family_that_is_missing_is_left_to_kestrel_which_takes_the_other()
    {
        // Localhost and every interface fall back on any error but IOException.
        var socket = new ListenSocket(GatewayProtocol.Uwsgi, new UwsgiProtocolOptions());
        Assert.Throws<SocketException>(() => socket.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)));
        Assert.Throws<SocketException>(() => socket.Bind(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 0)));
    }

    [Fact]
    public void An_address_that_kestrel_opens_is_the_one_that_was_asked_for()
    {
        GatewayAddress[] addresses = [.. new[] { "localhost:1", ":2", "127.0.0.1:3", "@name" }.Select(text => GatewayAddress.Parse(text, GatewayProtocol.Uwsgi))];
        Assert.Same(addresses[0], KestrelEngine.AddressOf(new IPEndPoint(IPAddress.Loopback, 1), addresses));
        Assert.Same(addresses[0], KestrelEngine.AddressOf(new IPEndPoint(IPAddress.IPv6Loopback, 1), addresses));
        Assert.Same(addresses[1], KestrelEngine.AddressOf(new IPEndPoint(IPAddress.IPv6Any, 2), addresses));
        Assert.Same(addresses[1], KestrelEngine.AddressOf(new IPEndPoint(IPAddress.Any, 2), addresses));
        Assert.Same(addresses[2], KestrelEngine.AddressOf(new IPEndPoint(IPAddress.Loopback, 3), addresses));
    }

    [RootFact]
    public async Task A_socket_file_may_be_given_to_a_user_and_a_group()
    {
        var path = HostScenarioTests.SocketPath();
        await using var app = await StartAsync(options =>
        {
            options.Listen(path);
            options.UnixSocket.Owner = "nobody";
            options.UnixSocket.Group = "12345";
        });
        Assert.Equal("nobody 12345", await RunAsync("stat", "-c", "%U %g", path));
        var exception = await Assert.ThrowsAsync<IOException>(() => StartAsync(options =>
        {
            options.Listen(HostScenarioTests.SocketPath());
            options.UnixSocket.Group = "no-such-group-here";
        }));
        Assert.Contains("no-such-group-here", exception.Message, StringComparison.Ordinal);
    }

    [RootFact]
    [Trait("Guards", "a link in the place of the socket gives no file away")]
    public async Task A_link_is_given_away_and_not_what_it_leads_to()
    {
        var directory = Directory.CreateTempSubdirectory();
        var file = Path.Combine(directory.FullName, "file");
        var link = Path.Combine(directory.FullName, "link");
        await File.WriteAllTextAsync(file, "precious");
        File.CreateSymbolicLink(link, file);
        NativeMethods.ChangeOwner(link, "12345", null);
        Assert.Equal("0 12345", $"{await RunAsync("stat", "-c", "%u", file)} {await RunAsync("stat", "-c", "%u", link)}");
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task An_abstract_name_leaves_no_file()
    {
        var name = $"@uwsgi-{Guid.NewGuid():N}";
        await using var app = await StartAsync(options => options.Listen(name));
        Assert.Contains($"uwsgi://unix:{name}", app.Addresses);
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        Assert.False(File.Exists(name));
    }

    [Fact]
    public async Task An_inherited_descriptor_is_listened_on()
    {
        using var inherited = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        inherited.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        inherited.Listen();
        await using var app = await StartAsync(options => options.Listen($"fd://{inherited.SafeHandle.DangerousGetHandle()}"));
        Assert.Equal("hello", (await SocketPeer.AskAsync(inherited.LocalEndPoint!, Packets.Get())).Body);
    }

    [Theory]
    [InlineData(null, "100", "2", null, "3,4")]
    [InlineData(null, "100", "2", "web:uwsgi", "3,4")]
    [InlineData("uwsgi", "100", "2", "web:uwsgi", "4")]
    [InlineData("uwsgi", "100", "3", "uwsgi:web:uwsgi", "3,5")]
    [InlineData("other", "100", "2", "web:uwsgi", "")]
    [InlineData("uwsgi", "100", "2", null, "")]
    [InlineData(null, "101", "2", null, "")]
    [InlineData(null, null, null, null, "")]
    [InlineData(null, "100", "x", null, "")]
    [InlineData(null, "100", "-1", null, "")]
    [InlineData(null, "x", "1", null, "")]
    public void Sockets_of_systemd_are_found_by_name(string? name, string? pid, string? count, string? names, string expected)
    {
        var found = SystemdSockets.Find(name, 100, pid, count, names).Select(endPoint => endPoint.FileHandle);
        Assert.Equal(expected, string.Join(",", found));
    }

    [Theory]
    [InlineData("", "uwsgi *", "fd:4 fd:3 fd:5")] // the name takes it from the others
    [InlineData("", "* uwsgi", "fd:4 fd:3 fd:5")]
    [InlineData("fd://3", "*", "fd:3 fd:4 fd:5")]
    [InlineData("fd://9", "web", "fd:9 fd:3 fd:5")]
    [InlineData("fd://3 fd://3", "", "Descriptor 3 is to be listened on 2 times.")]
    [InlineData("fd://4", "uwsgi", "Descriptor 4 is to be listened on 2 times.")]
    [InlineData("", "uwsgi uwsgi", "Descriptor 4 is to be listened on 2 times.")]
    [InlineData("", "* *", "Descriptor 3 is to be listened on 2 times.")]
    public void A_descriptor_is_listened_on_once(string endpoints, string names, string expected)
    {
        var addresses = endpoints.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => GatewayAddress.Parse(text, GatewayProtocol.Uwsgi));
        var systemd = names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (GatewayProtocol.Uwsgi, name == "*" ? null : name)).ToList();
        if (expected.StartsWith("Descriptor", StringComparison.Ordinal))
        {
            Assert.StartsWith(expected, Assert.Throws<InvalidOperationException>(Resolve).Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(expected.Split(' ').Select(descriptor => $"uwsgi://{descriptor}"), Resolve().Select(address => address.ToString()));

        List<GatewayAddress> Resolve() =>
            SystemdSockets.Resolve(addresses, systemd, name => SystemdSockets.Find(name, 100, "100", "3", "web:uwsgi:web"));
    }

    [Fact]
    public async Task An_inherited_descriptor_is_kept_from_children()
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();

        // A duplicate is inherited, as what systemd or a shell hands over is.
        var inherited = dup((int)listening.SafeHandle.DangerousGetHandle());
        Assert.False(IsKept());
        await using (var app = await StartAsync(options => options.Listen($"fd://{inherited}")))
        {
            Assert.True(IsKept());
        }

        new Microsoft.Win32.SafeHandles.SafeFileHandle(inherited, ownsHandle: true).Dispose();

        // O_CLOEXEC
        bool IsKept() => (Convert.ToInt32(
            File.ReadLines($"/proc/self/fdinfo/{inherited}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim(), 8) & 0x80000) != 0;

        [System.Runtime.InteropServices.DllImport("libc")]
        static extern int dup(int descriptor);
    }

    [Fact]
    public async Task A_process_that_systemd_starts_serves_the_socket_it_was_given()
    {
        var path = HostScenarioTests.SocketPath();

        // As systemd does: open the socket, put it at descriptor 3, say so, become the service.
        const string Script = """
            use IO::Socket::UNIX; use POSIX;
            $^F = 100;
            my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $ARGV[0], Listen => 10) or die $!;
            POSIX::dup2($socket->fileno, 3) unless $socket->fileno == 3;
            $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_FDNAMES} = "uwsgi";
            exec $ARGV[1], $ARGV[2], "serve-systemd" or die $!;
            """;
        using var child = Process.Start(new ProcessStartInfo("perl", ["-e", Script, path, Environment.ProcessPath!, typeof(ListenTests).Assembly.Location])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            await Eventually.TrueAsync(() => File.Exists(path));
            Assert.Equal("hello from systemd", (await SocketPeer.AskAsync(new UnixDomainSocketEndPoint(path), Packets.Get())).Body);
            child.StandardInput.Close();
            await child.WaitForExitAsync().Within();
            Assert.Equal(0, child.ExitCode);

            // The socket is systemd's: it stays.
            Assert.True(File.Exists(path));
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
            }

            File.Delete(path);
        }
    }

    [Fact]
    public async Task Without_systemd_there_is_nothing_to_open()
    {
        await using var app = await StartAsync(options => options.ListenSystemd());
        Assert.Empty(app.EndPoints);
    }

    [Fact]
    public async Task A_backlog_that_the_system_does_not_allow_is_warned_of()
    {
        await using var app = await StartAsync(options =>
        {
            options.Listen(0);
            options.Backlog = int.MaxValue;
        });
        Assert.Equal(LogLevel.Warning, Assert.Single(app.Logs.Of("BacklogLimited")).Level);
        await using var modest = await StartAsync(options =>
        {
            options.Listen(0);
            options.Backlog = 1;
        });
        Assert.Empty(modest.Logs.Of("BacklogLimited"));
    }

    [Theory]
    [InlineData(GatewayTransport.Direct)]
    [InlineData(GatewayTransport.Kestrel)]
    public async Task Beyond_the_limit_of_connections_they_are_closed(GatewayTransport transport)
    {
        await using var app = await StartAsync(options =>
        {
            options.Listen(HostScenarioTests.SocketPath());
            options.Limits.MaxConcurrentConnections = 2;
            options.Transport = transport;
        });
        using var meters = new MeterCapture(meter => meter.Name == "Microsoft.AspNetCore.Server.Kestrel" || meter.Scope == app.Host.Services.GetRequiredService<IMeterFactory>());
        using var first = await SocketPeer.ConnectAsync(app.EndPoint);
        using var second = await SocketPeer.ConnectAsync(app.EndPoint);

        // Whichever of the two transports counts them.
        await Eventually.TrueAsync(() => meters.Sum("uwsgi_protocol.active_connections") == 2
            || app.Logs.Entries.Count(entry => entry.Message.EndsWith("\" started.", StringComparison.Ordinal)) >= 2);
        using var third = await SocketPeer.ConnectAsync(app.EndPoint);
        Assert.Empty((await third.ReadToEndAsync()).Bytes);
        await first.SendAsync(Packets.Get());
        Assert.Equal("hello", (await first.ReadToEndAsync()).Body);
    }

    private static Task<RunningApp> StartAsync(Action<UwsgiProtocolOptions> configure) =>
        RunningApp.StartAsync(static context => context.Response.WriteAsync("hello"), configure);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().Within();
        return output.Trim();
    }
}
