using System.Net.WebSockets;

namespace Uwsgi.Protocol.FunctionalTests.Routes;

/// <summary>A way from a client to the contract app.</summary>
public abstract class Route(string name, Uri address) : IDisposable
{
    public string Name => name;

    public Uri Address => address;

    public abstract HttpClient Client { get; }

    /// <summary>Another one, for a request that may leave its connection unusable. The caller disposes it.</summary>
    public abstract HttpClient NewClient();

    public abstract Task<WebSocket> ConnectAsync(string target, string? subProtocol, CancellationToken cancellationToken);

    /// <summary>The target as it is written: nothing normalised, nothing escaped or unescaped on the way.</summary>
    public HttpRequestMessage Request(HttpMethod method, string target) =>
        new(method, new Uri(Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = Client.DefaultRequestVersion,
            VersionPolicy = Client.DefaultVersionPolicy,
            // As every client does; where none does, Caddy sends an empty one.
            Headers = { { "User-Agent", "contract/1.0 (test)" } },
        };

    public void Dispose()
    {
        Client.Dispose();
        GC.SuppressFinalize(this);
    }

    public override string ToString() => Name;
}
