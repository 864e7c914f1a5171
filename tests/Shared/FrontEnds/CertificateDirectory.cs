using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Uwsgi.Protocol.Testing;

/// <summary>What the documentation's configurations look for in <c>/etc/ssl/app</c>, made for a test and gone with it.</summary>
public sealed class CertificateDirectory : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <param name="clients">Whose clients' certificates are known. Defaults to the server's own.</param>
    public CertificateDirectory(X509Certificate2? clients = null)
    {
        var (certificate, key) = (Server.ExportCertificatePem(), Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        CertificatePath = _directory.Write("server.pem", certificate);
        KeyPath = _directory.Write("server.key", key);
        _directory.Write("server-and-key.pem", $"{certificate}\n{key}\n");
        _directory.Write("clients.pem", (clients ?? Server).ExportCertificatePem());
    }

    public X509Certificate2 Server { get; } = SelfSigned("127.0.0.1");

    public string FullPath => _directory.FullPath;

    public string CertificatePath { get; }

    public string KeyPath { get; }

    /// <summary>A certificate of this name. Who asks for the contract suite's host gets it too: Caddy chooses by name.</summary>
    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("contract.test");
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true), names.Build() },
        };
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(70));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    public void Dispose()
    {
        Server.Dispose();
        _directory.Dispose();
    }
}
