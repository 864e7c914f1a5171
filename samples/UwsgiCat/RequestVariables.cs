using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace UwsgiCat;

/// <summary>The variables of a request: those of nginx's uwsgi_params, then the headers, then what the command line adds.</summary>
internal static class RequestVariables
{
    public static List<KeyValuePair<string, string>> Of(CommandLine command, Socket socket)
    {
        var question = command.Target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? command.Target : command.Target[..question];
        var local = socket.LocalEndPoint as IPEndPoint;
        var remote = socket.RemoteEndPoint as IPEndPoint;
        List<KeyValuePair<string, string>> variables =
        [
            new("QUERY_STRING", question < 0 ? "" : command.Target[(question + 1)..]),
            new("REQUEST_METHOD", command.Method),
            new("CONTENT_TYPE", ContentTypeOf(command)),
            new("CONTENT_LENGTH", command.Body?.Length.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("REQUEST_URI", command.Target),
            new("PATH_INFO", Uri.UnescapeDataString(path)),
            new("SERVER_PROTOCOL", "HTTP/1.1"),
            new("REQUEST_SCHEME", "http"),
            new("REMOTE_ADDR", AddressOf(local)),
            new("REMOTE_PORT", local?.Port.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("SERVER_PORT", remote?.Port.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("SERVER_NAME", "localhost"),
        ];
        AddUnlessGiven("Host", command.Host);
        AddUnlessGiven("User-Agent", "uwsgi-cat");
        AddUnlessGiven("Accept", "*/*");
        variables.AddRange(command.Headers.Where(header => !Is(header.Name, "Content-Type")).Select(header => Header(header.Name, header.Value)));
        variables.AddRange(command.Variables.Select(variable => new KeyValuePair<string, string>(variable.Name, variable.Value)));
        return variables;

        void AddUnlessGiven(string name, string value)
        {
            if (!command.Headers.Exists(header => Is(header.Name, name)))
            {
                variables.Add(Header(name, value));
            }
        }
    }

    // What nginx sends for a client on a unix socket.
    private static string AddressOf(IPEndPoint? client) => client is null
        ? "unix:"
        : (client.Address.IsIPv4MappedToIPv6 ? client.Address.MapToIPv4() : client.Address).ToString();

    private static string ContentTypeOf(CommandLine command) =>
        command.Headers.FindLast(header => Is(header.Name, "Content-Type")).Value
        ?? (command.Body is null ? "" : "application/x-www-form-urlencoded");

    private static KeyValuePair<string, string> Header(string name, string value) =>
        new("HTTP_" + name.ToUpperInvariant().Replace('-', '_'), value);

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
