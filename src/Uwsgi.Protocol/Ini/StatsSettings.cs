using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Stats;

namespace Uwsgi.Protocol.Ini;

/// <summary>What the section says of the stats server.</summary>
internal sealed class StatsSettings
{
    private readonly List<string> _addresses = [];
    private readonly bool? _isHttp;
    private readonly bool? _isMinified;
    private readonly bool? _hidesCores;

    public StatsSettings(UwsgiSection section)
    {
        section.Each("stats", address =>
        {
            var translated = UwsgiAddress.Translate(address);
            _ = GatewayAddress.ParseEndPoint(translated);
            _addresses.Add(translated);
        });
        _isHttp = section.Flag("stats-http");
        _isMinified = section.Flag("stats-minified");
        _hidesCores = section.Flag("stats-no-cores");
    }

    /// <summary>Switches it on, where it has an address.</summary>
    public void AddTo(IServiceCollection services, SocketSettings sockets)
    {
        if (_addresses.Count == 0)
        {
            return;
        }

        StatsServices.Add(services, options =>
        {
            _addresses.ForEach(options.Addresses.Add);
            sockets.Set(options.UnixSocket);
            options.Http = _isHttp ?? options.Http;
            options.Minified = _isMinified ?? options.Minified;
            options.ShowCores = !_hidesCores ?? options.ShowCores;
        });
    }
}
