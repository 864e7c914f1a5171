using System.Security.Cryptography;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Bytes against the length and the hash that were noted.</summary>
internal static class CapturedBody
{
    public static void IsWhatWasNoted(DecodedRequest expected, byte[] body)
    {
        Assert.Equal(expected.BodyLength, body.Length);
        if (expected.BodySha256 is not null)
        {
            Assert.StartsWith(expected.BodySha256, Convert.ToHexStringLower(SHA256.HashData(body)), StringComparison.Ordinal);
        }
    }
}
