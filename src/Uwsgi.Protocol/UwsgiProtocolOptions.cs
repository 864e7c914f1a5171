using System.Net;
using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol;

/// <summary>The endpoints for front ends, and how their requests are understood.</summary>
public sealed class UwsgiProtocolOptions
{
    // Kestrel's 512 turned 6,365 of a burst of requests from 1,500 clients into 502 on a unix socket.
    private int _backlog = 4096;

    /// <summary>What is refused, and how long things may take.</summary>
    public UwsgiProtocolLimits Limits { get; } = new();

    /// <summary>Mode, owner and removal of unix sockets' files.</summary>
    public UnixSocketOptions UnixSocket { get; } = new();

    /// <summary>
    /// Whether the app's HTTP endpoints are opened too, as they would be without this server. <see langword="false"/> is for hosts that stand
    /// behind a front end only; endpoints for all protocols (<see cref="GatewayProtocol.Any"/>) speak HTTP all the same. Defaults to <see langword="true"/>.
    /// </summary>
    public bool ServeHttp
    {
        get;
        set
        {
            field = value;
            IsServeHttpSet = true;
        }
    } = true;

    /// <summary>
    /// How many connections may wait to be accepted (uWSGI's <c>listen</c>, which defaults to 100). The system's own limit, on Linux
    /// <c>net.core.somaxconn</c>, applies too; a lower one is logged. Defaults to 4096.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Backlog
    {
        get => _backlog;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _backlog = value;
        }
    }

    /// <summary>
    /// What carries the connections of these endpoints; those of <c>listen.UseUwsgi()</c> and its like are the app's own Kestrel's.
    /// Defaults to <see cref="GatewayTransport.Auto"/>.
    /// </summary>
    /// <remarks><see cref="GatewayTransport.Direct"/> on another system than Linux stops the start (<see cref="PlatformNotSupportedException"/>).</remarks>
    public GatewayTransport Transport { get; set; }

    /// <summary>
    /// The networks whose hosts may connect over TCP, such as <c>10.0.0.7/32</c> or <c>2001:db8::/32</c>; others are reset. These protocols
    /// carry no authentication, so this and a firewall are all there is. Defaults to empty: everybody who can reach the port.
    /// </summary>
    /// <remarks>
    /// Text, and not <see cref="IPNetwork"/>, because configuration cannot make those and leaves out what it cannot make: a list that is empty
    /// by mistake allows everybody. Text that is not a network stops the start (<see cref="FormatException"/>).
    /// </remarks>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>
    /// The user ids whose processes may connect over unix sockets (Linux, SO_PEERCRED), beside what the file's mode says.
    /// Elsewhere a list that is not empty stops the start. Defaults to empty: everybody who can open the file.
    /// </summary>
    public IList<uint> AllowedUserIds { get; } = [];

    /// <summary>
    /// Which variable the path comes from. The others show a front end's rewrites to the app. Defaults to <see cref="CgiPathSource.RequestUri"/>.
    /// </summary>
    public CgiPathSource PathSource { get; set; }

    /// <summary>What SCRIPT_NAME does to <c>PathBase</c> (uWSGI's <c>manage-script-name</c>). Defaults to <see cref="CgiScriptName.Auto"/>.</summary>
    public CgiScriptName ScriptName { get; set; }

    /// <summary>
    /// Where the app is mounted, such as <c>/app</c>, for front ends that do not say so; SCRIPT_NAME is then not looked at.
    /// Defaults to <see langword="null"/>.
    /// </summary>
    /// <exception cref="ArgumentException">Not empty and without a slash in front.</exception>
    public string? PathBase
    {
        get;
        set
        {
            if (!string.IsNullOrEmpty(value) && value[0] != '/')
            {
                throw new ArgumentException("A base path starts with a slash.", nameof(value));
            }

            field = value;
        }
    }

    /// <summary>
    /// Whether SERVER_PORT is put behind a HTTP_HOST that has lost its port (Debian's nginx parameters send <c>$host</c>), where it is not the
    /// scheme's own. Better: <c>uwsgi_param HTTP_HOST $http_host;</c>. Defaults to <see langword="false"/>.
    /// </summary>
    public bool AppendServerPort { get; set; }

    /// <summary>What it means that the front end ends its side of the connection before the answer. Defaults to <see cref="PeerHalfClose.Auto"/>.</summary>
    public PeerHalfClose HalfClose { get; set; }

    /// <summary>
    /// Whether a request over FastCGI may be upgraded (WebSockets) whatever front end it names. Without, SERVER_SOFTWARE has to say lighttpd
    /// 1.4.74 or later, the only one known to carry an upgrade over FastCGI; this is for those whose <c>server.tag</c> hides that.
    /// Defaults to <see langword="false"/>.
    /// </summary>
    public bool AllowFastCgiUpgrade { get; set; }

    /// <summary>The protocol of endpoints that do not name theirs, while a method named after one sets the options.</summary>
    internal GatewayProtocol DefaultProtocol { get; set; }

    internal bool IsServeHttpSet { get; private set; }

    /// <summary>Whether HTTP stays closed where nobody has asked for it or named an address for it, which is then Kestrel's default.</summary>
    internal bool IsDefaultHttpClosed { get; set; }

    /// <summary>Whether the app's configuration names endpoints for its Kestrel.</summary>
    internal bool IsHttpConfigured { get; set; }

    /// <summary>Where the app's own Kestrel listens because uWSGI's options say so; the files of unix sockets are treated as ours are.</summary>
    internal List<EndPoint> HttpEndPoints { get; } = [];

    internal List<GatewayAddress> Endpoints { get; } = [];

    internal List<(GatewayProtocol Protocol, string? Name)> SystemdEndpoints { get; } = [];

    /// <summary>Listens on a TCP port of the loopback address, 127.0.0.1.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="protocol">The protocol; <see langword="null"/> for the one that the method setting the options is named after.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a port, or no protocol.</exception>
    public void Listen(int port, GatewayProtocol? protocol = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, IPEndPoint.MinPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        Endpoints.Add(new GatewayAddress(protocol ?? DefaultProtocol, new IPEndPoint(IPAddress.Loopback, port)));
    }

    /// <summary>Listens on an address written as uWSGI and nginx write it.</summary>
    /// <param name="address">
    /// <c>127.0.0.1:3031</c>, <c>[::1]:3031</c>, <c>localhost:3031</c>; <c>0.0.0.0:3031</c>, <c>:3031</c> or <c>*:3031</c> for every
    /// interface; <c>3031</c> for loopback; <c>/run/app.sock</c>, <c>./app.sock</c> or <c>unix:/run/app.sock</c>; <c>@name</c> for an abstract
    /// unix socket; <c>fd://3</c> for an inherited descriptor.
    /// </param>
    /// <param name="protocol">The protocol; <see langword="null"/> for the one that the method setting the options is named after.</param>
    /// <exception cref="FormatException">The address is none of these.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such protocol.</exception>
    public void Listen(string address, GatewayProtocol? protocol = null) =>
        Endpoints.Add(GatewayAddress.Parse(address, protocol ?? DefaultProtocol));

    /// <summary>
    /// Listens on sockets that systemd opened (LISTEN_PID, LISTEN_FDS). Where the process was started without any, nothing is opened.
    /// </summary>
    /// <param name="name">The name of the socket unit (LISTEN_FDNAMES); <see langword="null"/> for all of them.</param>
    /// <param name="protocol">The protocol; <see langword="null"/> for the one that the method setting the options is named after.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such protocol.</exception>
    public void ListenSystemd(string? name = null, GatewayProtocol? protocol = null) =>
        SystemdEndpoints.Add((GatewayAddress.Defined(protocol ?? DefaultProtocol), name));

    /// <summary>
    /// Listens on the socket that a front end's process manager hands to the processes it starts, descriptor 0 (FCGI_LISTENSOCK_FILENO): Apache's
    /// mod_fcgid, lighttpd's <c>bin-path</c>, spawn-fcgi. Where the process was started by anybody else, nothing is opened.
    /// </summary>
    /// <param name="protocol">The protocol; <see langword="null"/> for the one that the method setting the options is named after.</param>
    /// <returns>
    /// Whether there is such a socket. There may then be several processes like this one, so they had better open nothing else:
    /// <c>options.ServeHttp = !options.ListenSpawned();</c>
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such protocol.</exception>
    public bool ListenSpawned(GatewayProtocol? protocol = null)
    {
        var address = new GatewayAddress(protocol ?? DefaultProtocol, new FileHandleEndPoint(SpawnedSocket.Descriptor, FileHandleType.Auto));
        if (!SpawnedSocket.IsHere)
        {
            return false;
        }

        Endpoints.Add(address);
        return true;
    }
}
