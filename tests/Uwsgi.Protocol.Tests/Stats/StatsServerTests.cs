using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Stats;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.Requests;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>The stats on their own sockets.</summary>
public class StatsServerTests
{
    // More of them than this wait to be accepted.
    private const int MaxReaders = 8;

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    [InlineData("localhost:0")]
    [InlineData("unix")]
    [InlineData("abstract")]
    public async Task They_are_served_where_the_options_say(string address)
    {
        using var directory = new TemporaryDirectory();
        address = address switch
        {
            "unix" => directory["stats.sock"],
            "abstract" => "@" + directory["abstract"],
            _ => address,
        };
        await using (var server = await TestServer.StartAsync(options => options.Addresses.Add(address)))
        {
            Assert.Equal(1, (await server.ReadAsync()).GetProperty("workers").GetArrayLength());
            Assert.Equal(address.StartsWith('/'), File.Exists(directory["stats.sock"]));
            if (address.StartsWith('/') && !OperatingSystem.IsWindows())
            {
                // UnixSocketOptions' default: nobody else's.
                Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(address));
            }
        }

        Assert.False(File.Exists(directory["stats.sock"]));
    }

    [Fact]
    public async Task An_address_that_is_taken_stops_the_start_and_is_named()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var error = await Assert.ThrowsAsync<IOException>(() => TestServer.StartAsync(options => options.Addresses.Add(taken.LocalEndPoint!.ToString()!)));
        Assert.Equal($"Failed to bind to stats://{taken.LocalEndPoint}: address already in use.", error.Message);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("127.0.0.1:70000")]
    public async Task An_address_that_is_none_stops_the_start(string address)
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => TestServer.StartAsync(options => options.Addresses.Add(address)));
        Assert.Contains($"'{address}'", error.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => WebApplication.CreateBuilder().WebHost.UseUwsgiStats(address));
    }

    [Theory]
    [InlineData("127.0.0.1:0", false)]
    [InlineData("0.0.0.0:0", true)]
    public async Task An_address_that_other_hosts_can_reach_is_warned_of(string address, bool isWarned)
    {
        await using var server = await TestServer.StartAsync(options => options.Addresses.Add(address));
        Assert.Equal(isWarned, server.Logs.Of("StatsReachableFromOutside").Any());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_that_does_not_read_is_dropped_and_the_next_is_served(bool isUnix)
    {
        using var directory = new TemporaryDirectory();
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Addresses.Add(isUnix ? directory["stats.sock"] : "127.0.0.1:0");
            options.ReaderTimeout = TimeSpan.FromSeconds(9);
        });

        // More than the sockets' buffers hold, where there is a great deal to say.
        server.FillTable();
        var whole = (await server.ReadTextAsync()).Length;
        SocketPeer[] idle = [.. await Task.WhenAll(Enumerable.Range(0, MaxReaders).Select(_ => server.ConnectAsync(receiveBuffer: 4096)))];
        await Eventually.TrueAsync(() => server.Logs.Of("ReaderDropped").Any() is false && server.IsFull);
        var next = server.ReadTextAsync();
        server.Time.Advance(TimeSpan.FromSeconds(8.9));
        Assert.False(next.IsCompleted);
        Assert.Empty(server.Logs.Of("ReaderDropped"));

        server.Time.Advance(TimeSpan.FromSeconds(0.2));

        // All of it; how many digits the process's memory has may have changed.
        using var document = JsonDocument.Parse(await next.Within());
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        await Eventually.TrueAsync(() => server.Logs.Of("ReaderDropped").Count() == MaxReaders);
        foreach (var peer in idle)
        {
            Assert.True((await peer.ReadToEndAsync()).Bytes.Length < whole);
            peer.Dispose();
        }
    }

    [Fact]
    public async Task A_reader_that_stays_when_it_has_all_is_let_go_too()
    {
        await using var server = await TestServer.StartAsync(options => options.Addresses.Add("127.0.0.1:0"));
        using var peer = await server.ConnectAsync();
        Assert.NotEmpty((await peer.ReadToEndAsync()).Bytes);
        await Eventually.TrueAsync(() =>
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            return !server.IsServing;
        });
    }

    [Fact]
    public async Task A_reader_that_sends_a_request_where_none_is_asked_for_has_all_of_the_answer()
    {
        await using var server = await TestServer.StartAsync(options => options.Addresses.Add("127.0.0.1:0"));
        using var peer = await server.ConnectAsync();
        await peer.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        var received = await peer.ReadToEndAsync();
        Assert.False(received.IsReset);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(received.Text).RootElement.ValueKind);
    }

    [Fact]
    public async Task Over_HTTP_any_request_is_answered()
    {
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Addresses.Add("127.0.0.1:0");
            options.Http = true;
        });
        using var client = new HttpClient();
        var answer = await client.GetAsync($"http://{server.EndPoint}/whatever?x").Within();
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(1, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("workers").GetArrayLength());
    }

    [Theory]
    [InlineData(4095, true)]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public async Task Over_HTTP_a_head_has_as_much_room_as_uWSGI_gives_it(int size, bool isAnswered)
    {
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Addresses.Add("127.0.0.1:0");
            options.Http = true;
        });
        using var peer = await server.ConnectAsync();
        await peer.SendAsync(System.Text.Encoding.ASCII.GetBytes("GET / HTTP/1.0\r\nX: ".PadRight(size - 4, 'x') + "\r\n\r\n"));
        peer.EndInput();
        Assert.Equal(isAnswered, (await peer.ReadToEndAsync()).Bytes.Length > 0);
    }

    [Fact]
    public async Task Over_HTTP_a_request_that_does_not_come_is_not_waited_for()
    {
        await using var server = await TestServer.StartAsync(options =>
        {
            options.Addresses.Add("127.0.0.1:0");
            options.Http = true;
        });
        using var peer = await server.ConnectAsync();
        await peer.SendAsync("GET /"u8.ToArray());
        await Eventually.TrueAsync(() => server.IsServing);
        server.Time.Advance(TimeSpan.FromSeconds(4.1));
        Assert.Empty((await peer.ReadToEndAsync()).Bytes);
    }

    /// <summary>As by the ini, which has no line in the app.</summary>
    [Fact]
    public async Task Services_alone_switch_them_on()
    {
        using var directory = new TemporaryDirectory();
        await using var app = await RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder =>
            {
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                StatsServices.Add(builder.Services, options => options.Addresses.Add(directory["stats.sock"]));
            });
        Assert.Equal("hello", await app.GetAsync());
        var stats = await SocketPeer.AskAsync(new UnixDomainSocketEndPoint(directory["stats.sock"]), []);
        var root = JsonDocument.Parse(stats.Text).RootElement;
        Assert.Equal(1, root.GetProperty("workers")[0].GetProperty("requests").GetInt32());
        Assert.Equal("http", root.GetProperty("sockets")[0].GetProperty("proto").GetString());
    }

    [Fact]
    public void The_time_for_a_reader_is_checked()
    {
        var options = new UwsgiStatsOptions();
        Assert.Throws<ArgumentOutOfRangeException>(() => options.ReaderTimeout = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.ReaderTimeout = TimeSpan.FromDays(1) + TimeSpan.FromTicks(1));
        options.ReaderTimeout = TimeSpan.FromDays(1);
        Assert.Equal(TimeSpan.FromDays(1), options.ReaderTimeout);
    }

    /// <summary>A stats server without an app.</summary>
    private sealed class TestServer : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly StatsServer _server;

        private TestServer(Action<UwsgiStatsOptions> configure)
        {
            var services = new ServiceCollection().AddMetrics().AddSingleton<TimeProvider>(Time).AddSingleton<ILoggerFactory>(Logs.CreateFactory());
            StatsServices.Add(services, configure);
            _services = services.BuildServiceProvider();
            _server = ActivatorUtilities.CreateInstance<StatsServer>(_services);
        }

        public ManualTimeProvider Time { get; } = new();

        public LogCapture Logs { get; } = new();

        public EndPoint EndPoint => _server.EndPoints.First();

        public bool IsServing => _server.Readers > 0;

        public bool IsFull => _server.Readers == MaxReaders;

        public static async Task<TestServer> StartAsync(Action<UwsgiStatsOptions> configure)
        {
            var server = new TestServer(configure);
            try
            {
                await server._server.StartAsync(CancellationToken.None).Within();
                return server;
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }

        /// <summary>Requests with as many variables as are shown.</summary>
        public void FillTable()
        {
            var table = _services.GetRequiredService<RequestTable>();
            for (var i = 0; i < 60; i++)
            {
                table.Enter(new StubRequest(("X_LONG", new string('\u0001', 16_000))));
            }
        }

        public async Task<SocketPeer> ConnectAsync(int? receiveBuffer = null) => await SocketPeer.ConnectAsync(EndPoint, receiveBuffer);

        public async Task<string> ReadTextAsync()
        {
            using var reader = await ConnectAsync();
            return (await reader.ReadToEndAsync()).Text;
        }

        public async Task<JsonElement> ReadAsync() => JsonDocument.Parse(await ReadTextAsync()).RootElement;

        public async ValueTask DisposeAsync()
        {
            await _server.StopAsync(CancellationToken.None).Within();
            _server.Dispose();
            await _services.DisposeAsync();
            Logs.VerifyNoErrors();
        }
    }
}
