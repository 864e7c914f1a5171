using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Ini;

/// <summary>The sockets that the section names, and what their files are like.</summary>
internal sealed class SocketSettings
{
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly UwsgiSection _section;
    private readonly IReadOnlyList<string> _shared;
    private readonly HashSet<int> _sharedInUse = [];
    private readonly List<GatewayAddress> _frontEnds = [];
    private readonly List<HttpEndpoint> _http = [];

    public SocketSettings(UwsgiSection section)
    {
        _section = section;
        _shared = section.All("shared-socket");
        AddOfProtocol(section.Last("protocol") ?? "uwsgi");
        AddFrontEnds("fastcgi-socket", GatewayProtocol.FastCgi);
        AddFrontEnds("scgi-socket", GatewayProtocol.Scgi);
        AddHttp("http-socket");
        AddHttps();
        foreach (var unused in Enumerable.Range(0, _shared.Count).Except(_sharedInUse))
        {
            section.Warn("shared-socket", $"{_shared[unused]} is not opened: no other socket is ={unused}.");
        }

        Mode = ReadMode();
        (Owner, Group) = ReadOwner();
        RemoveAtStop = section.Flag("vacuum");
        Backlog = (int?)section.Number("listen", 1, int.MaxValue);
    }

    private UnixFileMode? Mode { get; }

    private string? Owner { get; }

    private string? Group { get; }

    private bool? RemoveAtStop { get; }

    private int? Backlog { get; }

    /// <summary>Sets what the files of unix sockets are like.</summary>
    public void Set(UnixSocketOptions options)
    {
        options.Mode = Mode ?? options.Mode;
        options.Owner = Owner ?? options.Owner;
        options.Group = Group ?? options.Group;
        options.RemoveAtStop = RemoveAtStop ?? options.RemoveAtStop;
    }

    /// <summary>Opens them when the app starts.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.Configure<UwsgiProtocolOptions>(Set);
        services.Configure<KestrelServerOptions>(kestrel => _http.ForEach(endpoint => endpoint.Open(kestrel)));
        services.AddOptions<SocketTransportOptions>().Configure<IOptions<UwsgiProtocolOptions>>((transport, options) => Set(transport, options.Value));
    }

    private void Set(UwsgiProtocolOptions options)
    {
        options.Endpoints.AddRange(_frontEnds);
        options.HttpEndPoints.AddRange(_http.Select(static endpoint => endpoint.EndPoint));

        // As with uWSGI, what is named is what is open.
        options.IsDefaultHttpClosed |= _frontEnds.Count > 0;
        options.Backlog = Backlog ?? options.Backlog;
        Set(options.UnixSocket);
    }

    private void Set(SocketTransportOptions transport, UwsgiProtocolOptions options)
    {
        transport.Backlog = Backlog ?? transport.Backlog;
        var others = transport.CreateBoundListenSocket;
        transport.CreateBoundListenSocket = endPoint => options.HttpEndPoints.Contains(endPoint)
            ? new ListenSocket("http", options.UnixSocket, options.Backlog).Bind(endPoint)
            : others(endPoint);
    }

    private void AddOfProtocol(string protocol)
    {
        switch (protocol.ToLowerInvariant())
        {
            case "uwsgi":
                AddFrontEnds("socket", GatewayProtocol.Uwsgi);
                break;
            case "fastcgi":
                AddFrontEnds("socket", GatewayProtocol.FastCgi);
                break;
            case "scgi":
                AddFrontEnds("socket", GatewayProtocol.Scgi);
                break;
            case "http" or "http11":
                AddHttp("socket");
                break;
            default:
                _section.Error("protocol", $"'{protocol}' is not among uwsgi, http, fastcgi and scgi.");
                break;
        }
    }

    private void AddFrontEnds(string name, GatewayProtocol protocol) =>
        _section.Each(name, value => _frontEnds.Add(new GatewayAddress(protocol, Parse(value))));

    private void AddHttp(string name) => _section.Each(name, value => _http.Add(new HttpEndpoint(Parse(value), Tls: null)));

    private void AddHttps() => _section.Each("https", value =>
    {
        var https = HttpsAddress.Parse(value);
        _http.Add(new HttpEndpoint(Parse(https.Address), https.ReadFiles()));
        if (https.Ciphers is not null)
        {
            _section.Warn("https", $"names ciphers, '{https.Ciphers}', which are not applied: the system's own are taken.");
        }
    });

    /// <summary>An address, or the number of a shared socket: <c>=0</c> is the first one.</summary>
    private EndPoint Parse(string address) =>
        GatewayAddress.ParseEndPoint(UwsgiAddress.Translate(address.StartsWith('=') ? Shared(address) : address));

    private string Shared(string address)
    {
        if (!int.TryParse(address.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= _shared.Count)
        {
            throw new FormatException($"'{address}' is the number of no shared-socket: there are {_shared.Count}, and the first one is =0.");
        }

        return _sharedInUse.Add(number)
            ? _shared[number]
            : throw new FormatException($"'{address}' is taken by another socket.");
    }

    private UnixFileMode? ReadMode()
    {
        switch (_section.Last("chmod-socket"))
        {
            case null:
                return null;

            // Without a number, or as a flag.
            case "" or "1" or "true" or "True":
                return Everybody;
            case var text:
                try
                {
                    return OctalMode.Parse(text);
                }
                catch (FormatException e)
                {
                    _section.Error("chmod-socket", e.Message);
                    return null;
                }
        }
    }

    private (string? Owner, string? Group) ReadOwner()
    {
        if (_section.Last("chown-socket") is not { } text)
        {
            return default;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (owner, group) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        if (owner.Length == 0 && group.Length == 0)
        {
            _section.Error("chown-socket", $"'{text}' is not user or user:group.");
        }

        return (owner.Length == 0 ? null : owner, group.Length == 0 ? null : group);
    }
}
