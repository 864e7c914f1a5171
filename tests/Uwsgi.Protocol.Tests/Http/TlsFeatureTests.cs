using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>The client's TLS connection, as far as the front end tells of it.</summary>
public class TlsFeatureTests
{
    private static readonly X509Certificate2 Certificate = NewCertificate();

    public static TheoryData<string, string> Forms()
    {
        var pem = Certificate.ExportCertificatePem();
        return new()
        {
            { "as Apache and lighttpd write it", pem },
            { "with a line break at its end", pem + "\n" },
            { "with a tab before each line, as nginx's $ssl_client_cert", pem.Replace("\n", "\n\t", StringComparison.Ordinal) },
            { "percent-encoded, as nginx's $ssl_client_escaped_cert", Uri.EscapeDataString(pem) },
        };
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_client_certificate_is_read(string form, string value)
    {
        Assert.NotEmpty(form);
        await using var server = new InMemoryServer(async context =>
        {
            var certificate = await context.Connection.GetClientCertificateAsync();
            Assert.Same(certificate, context.Features.Get<ITlsConnectionFeature>()!.ClientCertificate);
            await context.Response.WriteAsync($"{certificate?.Subject}");
        });
        Assert.Equal("CN=a client", (await server.AskAsync(Packets.Get("/", ("HTTPS", "on"), ("SSL_CLIENT_CERT", value)))).Body);
    }

    [Theory]
    [Trait("Guards", "the front end's certificate is not the client's")]
    [InlineData("off")]
    [InlineData("on")]
    public async Task The_front_ends_own_tls_connection_to_us_is_not_the_clients(string https)
    {
        await using var server = new InMemoryServer(async context =>
        {
            Assert.Equal(https == "off", context.Features.Get<ITlsConnectionFeature>() is null);
            Assert.Null(await context.Connection.GetClientCertificateAsync());
            Assert.Null(context.Features.Get<ITlsHandshakeFeature>());
            Assert.Null(context.Features[typeof(ITlsHandshakeFeature)]);
            Assert.DoesNotContain(context.Features, feature => feature.Key == typeof(ITlsHandshakeFeature));
        });
        var connection = TestTransport.Open("C");
        connection.Features.Set<ITlsConnectionFeature>(new FrontEndsTls());
        connection.Features.Set(DispatchProxy.Create<ITlsHandshakeFeature, PoolTests.Nothing>());
        server.Run(connection, Packets.Get("/", ("HTTPS", https)));
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Theory]
    [InlineData("SUCCESS", "CN=a client")]
    [InlineData("GENEROUS", "CN=a client")]
    [InlineData("", "CN=a client")]
    [InlineData("NONE", "")]
    [InlineData("FAILED:self signed certificate", "")]
    public async Task A_certificate_that_the_front_end_did_not_verify_is_not_the_clients(string verify, string subject)
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync($"{context.Connection.ClientCertificate?.Subject}"));
        var request = Packets.Get("/", ("HTTPS", "on"), ("SSL_CLIENT_VERIFY", verify), ("SSL_CLIENT_CERT", Certificate.ExportCertificatePem()));
        Assert.Equal(subject, (await server.AskAsync(request)).Body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN%20CERTIFICATE-----%0Anonsense%zz")]
    public async Task A_certificate_that_cannot_be_read_is_none(string value)
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync($"{context.Connection.ClientCertificate is null}"));
        Assert.Equal("True", (await server.AskAsync(Packets.Get("/", ("HTTPS", "on"), ("SSL_CLIENT_CERT", value)))).Body);
    }

    [Fact]
    [Trait("Guards", "a client does not choose its certificate")]
    public async Task A_certificate_in_a_header_is_not_the_clients()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync($"{context.Connection.ClientCertificate is null}"));
        Assert.Equal("True", (await server.AskAsync(Packets.Get("/", ("HTTPS", "on"), ("HTTP_SSL_CLIENT_CERT", Uri.EscapeDataString(Certificate.ExportCertificatePem()))))).Body);
    }

    [Fact]
    public async Task Without_https_there_is_no_tls()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(
            $"{context.Features.Get<ITlsConnectionFeature>() is null} {context.Features.Get<ITlsHandshakeFeature>() is null}"));
        var request = Packets.Get("/", ("SSL_PROTOCOL", "TLSv1.3"), ("SSL_CLIENT_CERT", Certificate.ExportCertificatePem()));
        Assert.Equal("True True", (await server.AskAsync(request)).Body);
    }

    [Fact]
    public async Task The_handshake_is_what_the_variables_say()
    {
        await using var server = new InMemoryServer(context =>
        {
            var handshake = context.Features.Get<ITlsHandshakeFeature>()!;
            Assert.Equal(SslProtocols.Tls13, handshake.Protocol);
            return context.Response.WriteAsync($"{handshake.NegotiatedCipherSuite} {handshake.HostName}");
        });
        var request = Packets.Get("/",
            ("HTTPS", "on"), ("SSL_PROTOCOL", "TLSv1.3"), ("SSL_CIPHER", "TLS_AES_256_GCM_SHA384"), ("SSL_TLS_SNI", "example.org"));
        Assert.Equal("TLS_AES_256_GCM_SHA384 example.org", (await server.AskAsync(request)).Body);
    }

    [Fact]
    public async Task Without_its_variables_there_is_no_handshake()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(
            $"{context.Features.Get<ITlsConnectionFeature>() is null} {context.Features.Get<ITlsHandshakeFeature>() is null}"));
        Assert.Equal("False True", (await server.AskAsync(Packets.Get("/", ("HTTPS", "on")))).Body);
    }

    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task A_certificate_asked_for_after_its_request_is_not_another_clients()
    {
        ITlsConnectionFeature? kept = null;
        await using var server = new InMemoryServer(context =>
        {
            kept ??= context.Features.Get<ITlsConnectionFeature>();
            return Task.CompletedTask;
        });
        _ = await server.AskAsync(Packets.Get("/", ("HTTPS", "on")));
        _ = await server.AskAsync(Packets.Get("/", ("HTTPS", "on"), ("SSL_CLIENT_CERT", Certificate.ExportCertificatePem())));
        Assert.Null(kept!.ClientCertificate);
    }

    private sealed class FrontEndsTls : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; } = Certificate;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=a client", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
