using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>The client's TLS connection to the front end, as far as the variables tell of it.</summary>
internal sealed class TlsFeatures : ITlsConnectionFeature
{
    private readonly byte[]? _pem;
    private X509Certificate2? _certificate;
    private bool _isRead;

    // A copy: the feature may outlive the request, and the variables are then another one's.
    private TlsFeatures(byte[]? pem) => _pem = pem;

    public X509Certificate2? ClientCertificate
    {
        get
        {
            if (!_isRead)
            {
                _isRead = true;
                _certificate = _pem is null ? null : Http.ClientCertificate.Parse(_pem);
            }

            return _certificate;
        }

        set
        {
            _isRead = true;
            _certificate = value;
        }
    }

    public static void Add(IFeatureCollection features, CgiVariables variables)
    {
        features.Set<ITlsConnectionFeature>(new TlsFeatures(FindCertificate(variables)));
        if (variables.IndexOf("SSL_PROTOCOL"u8) is >= 0 and var protocol)
        {
            features.Set<ITlsHandshakeFeature>(new Handshake(variables, variables.GetValue(protocol)));
        }
    }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ClientCertificate);

    private static byte[]? FindCertificate(CgiVariables variables)
    {
        var certificate = variables.IndexOf("SSL_CLIENT_CERT"u8);
        if (certificate < 0)
        {
            return null;
        }

        // nginx sends what a client showed even where it could not verify it ("FAILED:reason").
        var verified = variables.IndexOf("SSL_CLIENT_VERIFY"u8);
        var isRefused = verified >= 0
            && variables.GetValue(verified) is { IsEmpty: false } result
            && !result.SequenceEqual("SUCCESS"u8)
            && !result.SequenceEqual("GENEROUS"u8);
        return isRefused ? null : variables.GetValue(certificate).ToArray();
    }

    private sealed class Handshake : ITlsHandshakeFeature
    {
        public Handshake(CgiVariables variables, ReadOnlySpan<byte> protocol)
        {
            Protocol = protocol switch
            {
                _ when protocol.SequenceEqual("TLSv1.3"u8) => SslProtocols.Tls13,
                _ when protocol.SequenceEqual("TLSv1.2"u8) => SslProtocols.Tls12,
                _ => SslProtocols.None,
            };
            var cipher = variables.IndexOf("SSL_CIPHER"u8);
            NegotiatedCipherSuite = cipher >= 0
                && Enum.TryParse<TlsCipherSuite>(Encoding.ASCII.GetString(variables.GetValue(cipher)), out var suite)
                    ? suite
                    : null;
            var name = variables.IndexOf("SSL_TLS_SNI"u8);
            HostName = name < 0 ? "" : Encoding.ASCII.GetString(variables.GetValue(name));
        }

        public SslProtocols Protocol { get; }

        public TlsCipherSuite? NegotiatedCipherSuite { get; }

        public string HostName { get; }

#pragma warning disable SYSLIB0058 // Members of the interface that nobody can fill from variables.
        public CipherAlgorithmType CipherAlgorithm => CipherAlgorithmType.None;

        public int CipherStrength => 0;

        public HashAlgorithmType HashAlgorithm => HashAlgorithmType.None;

        public int HashStrength => 0;

        public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

        public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058
    }
}
