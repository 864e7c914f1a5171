using Microsoft.AspNetCore.Hosting;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Addresses as people write them, one for each of the methods that take one.</summary>
public class AddressTests
{
    private static readonly Dictionary<GatewayProtocol, Action<IWebHostBuilder, string>> Methods = new()
    {
        [GatewayProtocol.Uwsgi] = static (host, address) => host.UseUwsgiProtocol(address),
        [GatewayProtocol.FastCgi] = static (host, address) => host.UseFastCgi(address),
        [GatewayProtocol.Scgi] = static (host, address) => host.UseScgi(address),
        [GatewayProtocol.Any] = static (host, address) => host.UseGateway(address),
    };

    public static TheoryData<GatewayProtocol, string, string> Addresses
    {
        get
        {
            var data = new TheoryData<GatewayProtocol, string, string>();
            foreach (var (protocol, scheme) in new[]
            {
                (GatewayProtocol.Uwsgi, "uwsgi"), (GatewayProtocol.FastCgi, "fastcgi"), (GatewayProtocol.Scgi, "scgi"), (GatewayProtocol.Any, "gateway"),
            })
            {
                data.Add(protocol, "127.0.0.1:0", $"{scheme}://127.0.0.1:");
                data.Add(protocol, "[::1]:0", $"{scheme}://[::1]:");
                data.Add(protocol, "0", $"{scheme}://127.0.0.1:");
                data.Add(protocol, "unix:{0}", scheme + "://unix:{0}");
                data.Add(protocol, "{0}", scheme + "://unix:{0}");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task An_address_speaks_its_protocol_and_is_said_to_be_listened_on(GatewayProtocol protocol, string address, string shown)
    {
        var path = HostScenarioTests.SocketPath();
        await using var app = await TellingApp.StartAsync(builder => Methods[protocol](builder.WebHost, address.Replace("{0}", path, StringComparison.Ordinal)));
        shown = shown.Replace("{0}", path, StringComparison.Ordinal);
        Assert.Contains(app.Addresses, found => found.StartsWith(shown, StringComparison.Ordinal));
        Assert.DoesNotContain(app.Addresses, static found => found.EndsWith(":0", StringComparison.Ordinal));
        Assert.Contains(app.Logs.Entries, entry => entry.Message.StartsWith($"Now listening on: {shown}", StringComparison.Ordinal));
        foreach (var spoken in protocol == GatewayProtocol.Any ? EveryProtocolAttribute.Protocols : [protocol])
        {
            var requests = new RequestBytes(spoken);
            var endPoint = protocol == GatewayProtocol.Any ? app.GatewayEndPoints[0] : app.EndPointOf(protocol);
            Assert.Equal($"{spoken}", requests.Answer(await SocketPeer.AskAsync(endPoint, requests.Get())).Body);
        }
    }
}
