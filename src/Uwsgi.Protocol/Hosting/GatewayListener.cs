using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// What <c>listen.UseUwsgi()</c> and its like need and cannot have when they are called: the app, which the server gets when it starts.
/// </summary>
internal sealed class GatewayListener
{
    private readonly Lock _gate = new();
    private readonly List<ILiveAddress> _addresses = [];
    private GatewayApplication? _application;

    /// <summary>
    /// The endpoints of the app's own Kestrel that speak one of our protocols. More come while it runs, where its configuration is reloaded.
    /// </summary>
    public IReadOnlyCollection<ILiveAddress> Addresses
    {
        get
        {
            lock (_gate)
            {
                return [.. _addresses];
            }
        }
    }

    public void Add(ListenOptions options, GatewayProtocol protocol)
    {
        lock (_gate)
        {
            _addresses.Add(new ListenAddress(options, protocol));
        }
    }

    /// <summary>The endpoint that Kestrel shows like this, the last such one; null where it is none of ours.</summary>
    public ILiveAddress? Find(string shownAs)
    {
        lock (_gate)
        {
            return _addresses.FindLast(address => address.ShownAs == shownAs);
        }
    }

    public void Start(GatewayApplication application) => _application = application;

    /// <summary>Serves a connection of a foreign transport: Kestrel's own, TLS, a named pipe.</summary>
    public Task ExecuteAsync(ConnectionContext connection, GatewayProtocol protocol, ConnectionDelegate http) => _application is { } application
        ? application.ExecuteAsync(connection, hasDirectOutput: false, protocol, http)
        : throw new InvalidOperationException("The server has not been started.");

    private sealed class ListenAddress(ListenOptions options, GatewayProtocol protocol) : ILiveAddress
    {
        public bool IsReachableFromOutside => new GatewayAddress(protocol, options.EndPoint).IsReachableFromOutside;

        public string ShownAs => options.ToString() ?? "";

        public string Address
        {
            get
            {
                var shown = ShownAs;
                var end = shown.IndexOf("://", StringComparison.Ordinal);
                return GatewayAddress.Scheme(protocol) + (end < 0 ? "://" + shown : shown[end..]);
            }
        }
    }
}
