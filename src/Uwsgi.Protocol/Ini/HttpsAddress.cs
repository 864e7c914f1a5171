using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Uwsgi.Protocol.Ini;

/// <summary>
/// <c>address,certificate,key[,ciphers[,client CA]]</c>, as uWSGI's <c>https</c> has it: PEM files, and an exclamation mark in front of the
/// client CA where clients must have a certificate.
/// </summary>
internal sealed record HttpsAddress(string Address, string Certificate, string Key, string? Ciphers, string? ClientCa, bool IsClientCertificateRequired)
{
    /// <exception cref="FormatException">It is no such text.</exception>
    public static HttpsAddress Parse(string text) => text.Split(',') switch
    {
        [var address, var certificate, var key, .. var rest] when rest.Length < 3 => new(
            address, certificate, key, NullIfEmpty(rest.ElementAtOrDefault(0)), NullIfEmpty(rest.ElementAtOrDefault(1)?.TrimStart('!')), rest.ElementAtOrDefault(1)?.StartsWith('!') ?? false),
        _ => throw new FormatException($"'{text}': address,certificate,key[,ciphers[,client CA]] is expected."),
    };

    /// <summary>Reads the files.</summary>
    /// <exception cref="FormatException">One of them cannot be read or is not what it should be.</exception>
    public HttpsConnectionAdapterOptions ReadFiles()
    {
        try
        {
            var options = new HttpsConnectionAdapterOptions { ServerCertificate = ReadCertificate(), ServerCertificateChain = [] };
            options.ServerCertificateChain.ImportFromPemFile(Certificate);
            if (ClientCa is not null)
            {
                Accept(options, ClientCa);
            }

            return options;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new FormatException($"{Certificate}, {Key}{(ClientCa is null ? "" : ", " + ClientCa)}: {e.Message}", e);
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private X509Certificate2 ReadCertificate()
    {
        var certificate = X509Certificate2.CreateFromPemFile(Certificate, Key);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // Windows takes no key for TLS that is not in one of its stores.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        }
    }

    private void Accept(HttpsConnectionAdapterOptions options, string clientCa)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(clientCa);
        options.ClientCertificateMode = IsClientCertificateRequired ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.AllowCertificate;
        options.ClientCertificateValidation = (certificate, sent, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
            if (sent is not null)
            {
                chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
            }

            return chain.Build(certificate);
        };
    }
}
