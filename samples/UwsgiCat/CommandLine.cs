using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace UwsgiCat;

/// <summary>What is asked for.</summary>
internal sealed class CommandLine
{
    public const string Help = """
        A curl for uwsgi, SCGI and FastCGI: sends one request to a server, without a front end between.

        Usage: uwsgi-cat ADDRESS [TARGET] [options]

        ADDRESS  127.0.0.1:3031, [::1]:3031, localhost:3031, unix:/run/app.sock, /run/app.sock or @name (abstract)
        TARGET   /path?query; defaults to /

          -X METHOD          the method; defaults to GET, or to POST where there is a body
          -H 'Name: value'   a header, sent as HTTP_NAME
          -d DATA            a body; @file sends a file, @- what comes by standard input
          --var NAME=VALUE   a variable, sent behind the others: of two of a name, servers take the last
          --scgi             speaks SCGI instead of uwsgi
          --fastcgi          speaks FastCGI instead of uwsgi
          --modifier1 N      the packet's modifier1; defaults to 0
          --modifier2 N      the packet's modifier2; defaults to 0
          --ping             sends a ping (modifier1 100) and shows how long its answer took
          -i                 shows the answer's head before its body
          -v                 shows the variables sent and the answer's head, by standard error
          --hex              shows the bytes, both ways, by standard error
          -o FILE            writes the body to a file
          --timeout SECONDS  how long it all may take; defaults to 30

        Exit codes: 0 a complete answer, whatever its status; 2 a wrong command line; 3 no connection; 4 no answer, or none that
        can be understood; 5 an answer that was cut short; 6 no complete answer in time.
        """;

    private string? _method;

    public EndPoint Address { get; private init; } = null!;

    public string Host { get; private init; } = "localhost";

    public string Target { get; private set; } = "/";

    public string Method => _method ?? (Body is null ? "GET" : "POST");

    public List<(string Name, string Value)> Headers { get; } = [];

    public List<(string Name, string Value)> Variables { get; } = [];

    public byte[]? Body { get; private set; }

    public byte Modifier1 { get; private set; }

    public byte Modifier2 { get; private set; }

    public FrontEndProtocol Protocol { get; private set; }

    public bool IsPing { get; private set; }

    public bool ShowsHead { get; private set; }

    public bool IsVerbose { get; private set; }

    public bool ShowsBytes { get; private set; }

    public string? OutputFile { get; private set; }

    public TimeSpan Timeout { get; private set; } = TimeSpan.FromSeconds(30);

    public static CommandLine Parse(string[] args)
    {
        var (options, words) = (new Queue<string>(args), new List<string>());
        CommandLine? command = null;
        var later = new List<Action<CommandLine>>();
        while (options.TryDequeue(out var option))
        {
            if (option.StartsWith('-') && option.Length > 1)
            {
                later.Add(Read(option, options));
            }
            else
            {
                words.Add(option);
            }
        }

        if (words.Count is 0 or > 2)
        {
            throw new UsageException(words.Count == 0 ? "Whom to ask? An address is missing." : $"One address and one target: what is '{words[2]}'?");
        }

        command = new CommandLine { Address = ParseAddress(words[0]), Host = HostOf(words[0]) };
        if (words.Count == 2)
        {
            command.Target = words[1].StartsWith('/') || words[1] == "*" ? words[1] : throw new UsageException($"A target starts with a slash: '{words[1]}' does not.");
        }

        later.ForEach(set => set(command));
        return command.Protocol != FrontEndProtocol.Uwsgi && (command.IsPing || command.Modifier1 != 0 || command.Modifier2 != 0)
            ? throw new UsageException("Pings and modifiers are uwsgi's: SCGI and FastCGI have none.")
            : command;
    }

    private static Action<CommandLine> Read(string option, Queue<string> options)
    {
        string Value() => options.TryDequeue(out var value) ? value : throw new UsageException($"{option} needs a value.");
        switch (option)
        {
            case "-X":
                var method = Value();
                return command => command._method = method;
            case "-H":
                var header = Pair(Value(), ':', option);
                return command => command.Headers.Add(header);
            case "-d":
                var body = ReadBody(Value());
                return command => command.Body = body;
            case "--var":
                var variable = Pair(Value(), '=', option);
                return command => command.Variables.Add(variable);
            case "--modifier1":
                var modifier1 = Number<byte>(Value(), option);
                return command => command.Modifier1 = modifier1;
            case "--modifier2":
                var modifier2 = Number<byte>(Value(), option);
                return command => command.Modifier2 = modifier2;
            case "--timeout":
                var timeout = TimeSpan.FromSeconds(Number<ushort>(Value(), option));
                return command => command.Timeout = timeout;
            case "-o":
                var file = Value();
                return command => command.OutputFile = file;
            case "--scgi":
                return command => command.Protocol = FrontEndProtocol.Scgi;
            case "--fastcgi":
                return command => command.Protocol = FrontEndProtocol.FastCgi;
            case "--ping":
                return command => command.IsPing = true;
            case "-i":
                return command => command.ShowsHead = true;
            case "-v":
                return command => command.IsVerbose = true;
            case "--hex":
                return command => command.ShowsBytes = true;
            default:
                throw new UsageException($"There is no option {option}.");
        }
    }

    private static T Number<T>(string text, string option)
        where T : struct, INumberBase<T>, IMinMaxValue<T> =>
        T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UsageException($"{option} is a number from 0 to {T.MaxValue}: '{text}' is not.");

    private static (string Name, string Value) Pair(string text, char separator, string option)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at > 0
            ? (text[..at], separator == ':' ? text[(at + 1)..].Trim() : text[(at + 1)..])
            : throw new UsageException($"{option} has the form NAME{separator}VALUE: '{text}' has not.");
    }

    private static byte[] ReadBody(string data)
    {
        if (data == "@-")
        {
            using var input = Console.OpenStandardInput();
            var body = new MemoryStream();
            input.CopyTo(body);
            return body.ToArray();
        }

        try
        {
            return data.StartsWith('@') ? File.ReadAllBytes(data[1..]) : System.Text.Encoding.UTF8.GetBytes(data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"-d {data}: {e.Message}");
        }
    }

    private static EndPoint ParseAddress(string address)
    {
        var path = address.StartsWith("unix:", StringComparison.Ordinal) ? address["unix:".Length..] : address;
        if (path.Length > 1 && (path != address || path[0] is '/' or '.' or '@'))
        {
            // An abstract name starts with a NUL; "@" is how people write it.
            return new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
        }

        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new UsageException($"'{address}' is no address: 127.0.0.1:3031 and unix:/run/app.sock are.");
        }

        return IPAddress.TryParse(address[..colon], out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(address[..colon], port);
    }

    private static string HostOf(string address) => address.StartsWith('[') || !address.Contains('/') && !address.Contains('@') && !address.StartsWith("unix:", StringComparison.Ordinal)
        ? address
        : "localhost";
}
