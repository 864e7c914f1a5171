using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>The server without a host, over <see cref="TestTransport"/>. At its end every connection must have ended, and nothing be logged as an error.</summary>
internal sealed class InMemoryServer : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<TestConnection> _connections = [];
    private readonly Lazy<GatewayApplication<HttpContext>> _gateway;
    private readonly EarlierFailure _failure = EarlierFailure.Watch();
    private HarakiriMonitor? _harakiri;

    public InMemoryServer(RequestDelegate app, Action<UwsgiProtocolOptions>? configure = null)
    {
        configure?.Invoke(Options);
        Application = new DelegateApplication(app);
        var meterFactory = _services.GetRequiredService<IMeterFactory>();
        Meters = new MeterCapture(meter => meter.Scope == meterFactory);

        // At the first connection: until then a test may change the options.
        _gateway = new(() => new GatewayApplication<HttpContext>(
            Application, new GatewayRuntime(Options, Kestrel, new GatewayMetrics(meterFactory), Logs.CreateFactory(), Time, Table) { Harakiri = _harakiri }));
    }

    /// <summary>A server that speaks one protocol.</summary>
    public static InMemoryServer Of(GatewayProtocol protocol, RequestDelegate app, Action<UwsgiProtocolOptions>? configure = null) =>
        new(app, configure) { Protocol = protocol };

    /// <summary>What front ends speak to it.</summary>
    public GatewayProtocol Protocol { get; init; } = GatewayProtocol.Uwsgi;

    /// <summary>Who serves HTTP where it speaks that too.</summary>
    public ConnectionDelegate Http { get; init; } = static _ => throw new InvalidOperationException("Nobody serves HTTP here.");

    /// <summary>Where its requests are seen while they run; null where nobody has asked for it.</summary>
    public RequestTable? Table { get; set; }

    /// <summary>Requests in its protocol.</summary>
    public RequestBytes Requests => new(Protocol);

    public UwsgiProtocolOptions Options { get; } = new();

    public KestrelServerOptions Kestrel { get; } = new() { AddServerHeader = false };

    public ManualTimeProvider Time { get; } = new();

    public LogCapture Logs { get; } = new();

    public MeterCapture Meters { get; }

    public DelegateApplication Application { get; }

    public GatewayApplication<HttpContext> Gateway => _gateway.Value;

    /// <summary>Watches the requests; there where <see cref="WatchWith"/> was called.</summary>
    public HarakiriMonitor Harakiri => _harakiri ?? throw new InvalidOperationException("Nobody watches requests here.");

    /// <summary>Why connections ended, in the words of the log.</summary>
    public IEnumerable<string> Ends => Logs.Of("ConnectionEnded").Select(entry => entry.Message.Split("ended: ")[1].TrimEnd('.'));

    /// <summary>Puts harakiri before the app.</summary>
    public InMemoryServer WatchWith(HarakiriOptions options)
    {
        _harakiri = new HarakiriMonitor(Logs.CreateFactory(), _services.GetRequiredService<IMeterFactory>(), Time);
        _harakiri.Begin();
        var before = Application.Processing;
        HarakiriMiddleware? middleware = null;
        Application.Processing = (context, app) =>
        {
            var first = Volatile.Read(ref middleware);
            if (first is null)
            {
                first = new HarakiriMiddleware(inner => before(inner, app), Harakiri, options);
                Volatile.Write(ref middleware, first);
            }

            return first.InvokeAsync(context);
        };
        return this;
    }

    /// <summary>Lets time pass, and has harakiri look at the requests then.</summary>
    public void LetTimePass(TimeSpan time)
    {
        Time.Advance(time);
        Harakiri.Look();
    }

    /// <summary>Opens a connection on which these bytes are already waiting.</summary>
    public TestConnection Connect(params byte[] bytes) => Connect(bytes, maxUnreadOutput: 0);

    public TestConnection Connect(byte[] bytes, int maxUnreadOutput)
    {
        var connection = TestTransport.Open($"C{_connections.Count + 1}", maxUnreadOutput);
        return Run(connection, bytes);
    }

    public TestConnection Run(TestConnection connection, byte[] bytes)
    {
        _connections.Add(connection);
        if (bytes.Length > 0)
        {
            Assert.True(connection.SendAsync(bytes).IsCompleted);
        }

        return connection.Run(context =>
        {
            EarlierFailure.Leave();
            return Gateway.ExecuteAsync(context, connection.HasDirectOutput, Protocol, Http);
        });
    }

    /// <summary>Sends bytes, waits for the answer and the end, as nginx does.</summary>
    public async Task<Received> AskAsync(byte[] request)
    {
        var connection = Connect(request);
        var received = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        return received;
    }

    /// <summary>Sends bytes and FIN, waits for the answer and the end.</summary>
    public async Task<Received> AskAndCloseAsync(byte[] request)
    {
        var connection = Connect(request);
        connection.EndInput();
        var received = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        return received;
    }

    /// <summary>Sends a request and FIN, waits for the end, and takes the answer out of what its protocol puts around it.</summary>
    public async Task<Received> AnswerAsync(byte[] request) => Requests.Answer(await AskAndCloseAsync(request));

    /// <summary>Lets time pass until the connection has ended.</summary>
    public async Task LetTimePassUntilEndOf(TestConnection connection) =>
        await Eventually.TrueAsync(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(250));
            return connection.Execution.IsCompleted;
        });

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _failure.BesideAsync(EndAsync);
        }
        finally
        {
            _harakiri?.Dispose();
            Meters.Dispose();
            if (_gateway.IsValueCreated)
            {
                Gateway.Runtime.Dispose();
            }

            await _services.DisposeAsync();
        }
    }

    private async Task EndAsync()
    {
        foreach (var connection in _connections)
        {
            if (_failure.Is && !connection.Execution.IsCompleted)
            {
                // The test was to end it, and did not come so far.
                connection.Reset();
            }

            await connection.Execution.Within();
            await connection.DisposeAsync();
        }

        Logs.VerifyNoErrors();
    }
}
