using System.Security.Cryptography;
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
        using var directory = new TemporaryDirectory();
        using var server = Certificate("127.0.0.1");
        using var clientCertificate = Certificate("a client, with comma");
        directory.Write("server.pem", server.ExportCertificatePem());
        directory.Write("server.key", server.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        directory.Write("clients.pem", clientCertificate.ExportCertificatePem());
        var site = Nginx.Tls(nginx.App[WireProtocol.Uwsgi], directory.FullPath);
        await using var tls = await Nginx.StartAsync(site);

        using var known = Client(clientCertificate);
        using var unknown = Client(null);
        var address = $"https://127.0.0.1:{site.Port}";
        Assert.Equal($"{clientCertificate.Subject} {clientCertificate.Thumbprint}", await known.GetStringAsync($"{address}/certificate"));
        Assert.Equal("SUCCESS", await known.GetStringAsync($"{address}/server-variables?name=SSL_CLIENT_VERIFY"));
        Assert.Equal("(none)", await unknown.GetStringAsync($"{address}/certificate"));
        Assert.Contains("\"scheme\":\"https\"", await unknown.GetStringAsync($"{address}/echo/scheme"), StringComparison.Ordinal);

        HttpClient Client(X509Certificate2? certificate)
        {
            var handler = new SocketsHttpHandler { UseProxy = false };
            handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == server.Thumbprint;
            handler.SslOptions.ClientCertificates = certificate is null ? [] : [certificate];
            return new HttpClient(handler) { Timeout = Deadline.Default };
        }
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(70));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }
}
