using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// The client's certificate from SSL_CLIENT_CERT: PEM as Apache and lighttpd send it, PEM with a tab before each line
/// (nginx <c>$ssl_client_cert</c>), or percent-encoded (<c>$ssl_client_escaped_cert</c>).
/// </summary>
internal static class ClientCertificate
{
    /// <summary>Reads a certificate; null where there is none, or none that can be read.</summary>
    public static X509Certificate2? Parse(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length > ushort.MaxValue)
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(value);
        if (text.StartsWith("-----BEGIN%20", StringComparison.Ordinal))
        {
            text = Uri.UnescapeDataString(text);
        }

        try
        {
            // Tabs and line breaks alike are white space to PEM.
            return X509Certificate2.CreateFromPem(text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
