using System.Security.Cryptography.X509Certificates;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>TLS ends at nginx, which says by variables what it saw.</summary>
[Collection(NginxCollection.Name)]
public sealed class ClientCertificateTests(NginxFixture nginx)
{
    [FrontEndFact("nginx")]
    public async Task The_certificate_that_the_client_showed_nginx_reaches_the_app()
    {
        using var clientCertificate = CertificateDirectory.SelfSigned("a client, with comma");
        using var certificates = new CertificateDirectory(clientCertificate);
        var site = Nginx.Tls(nginx.App[WireProtocol.Uwsgi], certificates);
        await using var tls = await Nginx.StartAsync(site);

        using var known = Client(clientCertificate);
        using var unknown = Client(null);
        Assert.Equal($"{clientCertificate.Subject} {clientCertificate.Thumbprint}", await known.GetStringAsync($"{site.Address}certificate"));
        Assert.Equal("SUCCESS", await known.GetStringAsync($"{site.Address}server-variables?name=SSL_CLIENT_VERIFY"));
        Assert.Equal("(none)", await unknown.GetStringAsync($"{site.Address}certificate"));
        Assert.Contains("\"scheme\":\"https\"", await unknown.GetStringAsync($"{site.Address}echo/scheme"), StringComparison.Ordinal);

        HttpClient Client(X509Certificate2? certificate)
        {
            var handler = new SocketsHttpHandler { UseProxy = false };
            handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == certificates.Server.Thumbprint;
            handler.SslOptions.ClientCertificates = certificate is null ? [] : [certificate];
            return new HttpClient(handler) { Timeout = Deadline.Default };
        }
    }
}
