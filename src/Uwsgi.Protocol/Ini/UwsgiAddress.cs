using System.Globalization;

namespace Uwsgi.Protocol.Ini;

/// <summary>An address as uWSGI writes it, in the words of <see cref="UwsgiProtocolOptions.Listen(string, GatewayProtocol?)"/>.</summary>
internal static class UwsgiAddress
{
    /// <summary>Without a colon it is a unix socket's path; an empty port is a free one.</summary>
    /// <exception cref="FormatException">It is a number, which is not what anybody means.</exception>
    public static string Translate(string address)
    {
        if (address.Contains(':', StringComparison.Ordinal))
        {
            return address.EndsWith(':') ? address + "0" : address;
        }

        if (int.TryParse(address, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new FormatException(
                $"'{address}' has no colon, so it is a unix socket's file to uWSGI. Write :{address} for a port, or ./{address} for a file.");
        }

        return address.StartsWith('@') ? address : $"unix:{address}";
    }
}
