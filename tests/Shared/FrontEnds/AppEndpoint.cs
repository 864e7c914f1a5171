namespace Uwsgi.Protocol.Testing;

/// <summary>Where an app answers a protocol.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Port">Its TCP port, of the loopback address.</param>
/// <param name="Socket">The path of its unix socket.</param>
public sealed record AppEndpoint(WireProtocol Protocol, string Port, string Socket)
{
    private const string DocumentedSocket = "/run/app.sock";

    /// <summary>The protocol's name in URLs, and in the names of the documentation's configurations.</summary>
    public string Scheme => Protocol.ToString().ToLowerInvariant();

    private string DocumentedPort => Protocol switch
    {
        WireProtocol.Scgi => "4000",
        WireProtocol.FastCgi => "9000",
        _ => "3031",
    };

    /// <summary>The documentation's configuration that leads here.</summary>
    /// <param name="frontEnd">Whose it is.</param>
    /// <param name="unix">Whether it does by the unix socket.</param>
    /// <param name="variant">Which of several.</param>
    public Site Behind(string frontEnd, bool unix, string variant = "") => unix
        ? new Site(frontEnd, $"{Scheme}{variant}-unix.conf", DocumentedSocket, Socket)
        : new Site(frontEnd, $"{Scheme}{variant}.conf", DocumentedPort, Port);
}
