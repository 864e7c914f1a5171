using System.Net;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// Who may connect by FastCGI, as whoever started the process says it: FCGI_WEB_SERVER_ADDRS, addresses with commas between. Section 3.2.
/// </summary>
internal sealed class WebServerAddresses
{
    private const string Variable = "FCGI_WEB_SERVER_ADDRS";

    // Null where it is not set: then everybody may.
    private readonly IPAddress[]? _addresses;

    /// <exception cref="FormatException">There is something else among the addresses, or none at all.</exception>
    public WebServerAddresses(string? addresses) => _addresses = addresses?.Split(',').Select(Parse).ToArray();

    public static WebServerAddresses OfThisProcess() => new(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Whether everybody may connect.</summary>
    public bool AreAll => _addresses is null;

    /// <summary>Whether a peer may connect. One that does not come by TCP has no address, and may not.</summary>
    public bool Allows(EndPoint? peer) => _addresses is null || (peer is IPEndPoint tcp && Array.IndexOf(_addresses, Plain(tcp.Address)) >= 0);

    private static IPAddress Parse(string text) => IPAddress.TryParse(text.AsSpan().Trim(), out var address)
        ? Plain(address)
        : throw new FormatException($"'{text}' in the environment variable {Variable} is not an address. Expected addresses with commas between, such as 10.0.0.7,10.0.0.8.");

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
