using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Uwsgi.Protocol.Wire;

namespace UwsgiCat;

/// <summary>One connection: variables and a body out, a head and a body back.</summary>
internal sealed class Exchange(CommandLine command)
{
    private const int MaxHead = 64 * 1024;

    private readonly HexDump _hex = new(command.ShowsBytes);
    private readonly byte[] _buffer = new byte[16 * 1024];

    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        using var socket = command.Address is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(command.Address, cancellationToken);
        if (command.IsPing)
        {
            return await PingAsync(socket, cancellationToken);
        }

        // Both at a time: an answer may come before the body has gone. Our side stays open: to end it is to hang up.
        var sending = SendAsync(socket, RequestHead(socket), cancellationToken);
        var code = await ReceiveAsync(socket, cancellationToken);
        socket.Close();
        await sending;
        return code;
    }

    private static void Say(char direction, string line) => Console.Error.WriteLine($"{direction} {line}");

    private byte[] RequestHead(Socket socket)
    {
        var variables = RequestVariables.Of(command, socket);
        if (command.IsVerbose)
        {
            variables.ForEach(variable => Say('>', $"{variable.Key}={variable.Value}"));
            Say('>', "");
        }

        var head = new ArrayBufferWriter<byte>();
        try
        {
            if (command.IsScgi)
            {
                ScgiWriter.Write(head, variables);
            }
            else
            {
                UwsgiPacketWriter.Write(head, command.Modifier1, command.Modifier2, variables);
            }
        }
        catch (ArgumentException)
        {
            throw new UsageException(command.IsScgi
                ? "The variables do not fit: one has no name, or a NUL in it, or CONTENT_LENGTH is not one number, or SCGI is among them."
                : $"The variables do not fit: one has no name, or all together have more than the {ushort.MaxValue} bytes of a packet.");
        }

        return head.WrittenSpan.ToArray();
    }

    private async Task<ExitCode> PingAsync(Socket socket, CancellationToken cancellationToken)
    {
        var ping = new ArrayBufferWriter<byte>();
        UwsgiPacketWriter.Write(ping, UwsgiModifier1.Ping, 0, []);
        var start = Stopwatch.GetTimestamp();
        await SendAsync(socket, ping.WrittenSpan.ToArray(), cancellationToken);
        var answer = new List<byte>();
        while (answer.Count < UwsgiPacketHeader.Size && await ReadAsync(socket, cancellationToken) is > 0 and var count)
        {
            answer.AddRange(_buffer.AsSpan(0, count));
        }

        if (!UwsgiPacketHeader.TryParse(new ReadOnlySequence<byte>([.. answer]), out var pong) || pong.Modifier1 != UwsgiModifier1.Ping || pong.Modifier2 != 1)
        {
            Console.Error.WriteLine("uwsgi-cat: The ping was not answered.");
            return ExitCode.NoAnswer;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Pong in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms."));
        return ExitCode.Answered;
    }

    private async Task SendAsync(Socket socket, byte[] packet, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var bytes in (byte[][])[packet, command.Body ?? []])
            {
                _hex.Write('>', bytes);
                for (var rest = bytes.AsMemory(); rest.Length > 0;)
                {
                    rest = rest[await socket.SendAsync(rest, cancellationToken)..];
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Whether that matters, the answer tells.
        }
    }

    private async Task<int> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var count = await socket.ReceiveAsync(_buffer, cancellationToken);
        _hex.Write('<', _buffer.AsSpan(0, count));
        return count;
    }

    private async Task<ExitCode> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var first = new List<byte>();
        ResponseHead? head = null;
        ReadOnlySequence<byte> rest = default;
        while (head is null)
        {
            int count;
            try
            {
                count = await ReadAsync(socket, cancellationToken);
            }
            catch (SocketException e)
            {
                Console.Error.WriteLine($"uwsgi-cat: The server hung up without an answer: {e.Message}.");
                return ExitCode.NoAnswer;
            }

            if (count == 0)
            {
                Console.Error.WriteLine(first.Count == 0
                    ? "uwsgi-cat: The server hung up without an answer."
                    : "uwsgi-cat: The server hung up in the middle of the answer's head.");
                return ExitCode.NoAnswer;
            }

            first.AddRange(_buffer.AsSpan(0, count));
            rest = new ReadOnlySequence<byte>([.. first]);
            _ = ResponseHeadReader.TryRead(ref rest, MaxHead, out head);
        }

        await using var output = OpenOutput();
        if (command.IsVerbose)
        {
            WriteHead(head, line => Say('<', line));
        }

        if (command.ShowsHead)
        {
            WriteHead(head, Console.WriteLine);
        }

        await WriteBodyAsync(socket, head, rest.ToArray(), output, cancellationToken);
        return ExitCode.Answered;
    }

    private Stream OpenOutput()
    {
        try
        {
            return command.OutputFile is { } file ? File.Create(file) : Console.OpenStandardOutput();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"-o {command.OutputFile}: {e.Message}");
        }
    }

    private async Task WriteBodyAsync(Socket socket, ResponseHead head, ReadOnlyMemory<byte> first, Stream output, CancellationToken cancellationToken)
    {
        var expected = ExpectedLength(head);
        var received = 0L;
        for (var bytes = first; ;)
        {
            await output.WriteAsync(bytes, cancellationToken);
            await output.FlushAsync(cancellationToken);
            received += bytes.Length;
            if (received >= expected)
            {
                return;
            }

            int count;
            try
            {
                count = await ReadAsync(socket, cancellationToken);
            }
            catch (SocketException e)
            {
                throw new IOException($"The answer was cut short after {received} bytes: {e.Message}.", e);
            }

            if (count == 0)
            {
                // Without a length, the end of the connection is the end of the answer.
                if (expected is not null)
                {
                    throw new IOException($"The answer was cut short: {received} bytes of {expected}.");
                }

                return;
            }

            bytes = _buffer.AsMemory(0, count);
        }
    }

    private long? ExpectedLength(ResponseHead head) =>
        command.Method == "HEAD" || head.StatusCode is 204 or 304
            ? 0
            : long.TryParse(
                head.Headers.FirstOrDefault(header => header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value,
                NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    private static void WriteHead(ResponseHead head, Action<string> write)
    {
        write($"{head.StatusCode} {head.ReasonPhrase}");
        foreach (var (name, value) in head.Headers)
        {
            write($"{name}: {value}");
        }

        write("");
    }
}
