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

    // The one of its connection.
    private const ushort RequestId = 1;

    private readonly HexDump _hex = new(command.ShowsBytes);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly FastCgiAnswer? _records = command.Protocol == FrontEndProtocol.FastCgi ? new() : null;

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
        var sending = SendAsync(socket, [RequestHead(socket), RequestBody()], cancellationToken);
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
            switch (command.Protocol)
            {
                case FrontEndProtocol.Scgi:
                    ScgiWriter.Write(head, variables);
                    break;
                case FrontEndProtocol.FastCgi:
                    FastCgiRecordWriter.WriteBeginRequest(head, RequestId, new FastCgiBeginRequest(FastCgiRole.Responder, KeepConnection: false));
                    FastCgiRecordWriter.WriteParams(head, RequestId, variables);
                    break;
                default:
                    UwsgiPacketWriter.Write(head, command.Modifier1, command.Modifier2, variables);
                    break;
            }
        }
        catch (ArgumentException)
        {
            throw new UsageException(command.Protocol switch
            {
                FrontEndProtocol.Scgi => "The variables do not fit: one has no name, or a NUL in it, or CONTENT_LENGTH is not one number, or SCGI is among them.",
                FrontEndProtocol.FastCgi => "The variables do not fit: one has no name.",
                _ => $"The variables do not fit: one has no name, or all together have more than the {ushort.MaxValue} bytes of a packet.",
            });
        }

        return head.WrittenSpan.ToArray();
    }

    private byte[] RequestBody()
    {
        var body = command.Body ?? [];
        if (command.Protocol != FrontEndProtocol.FastCgi)
        {
            return body;
        }

        var stdin = new ArrayBufferWriter<byte>();
        FastCgiRecordWriter.WriteStream(stdin, FastCgiRecordType.Stdin, RequestId, body);
        FastCgiRecordWriter.WriteStreamEnd(stdin, FastCgiRecordType.Stdin, RequestId);
        return stdin.WrittenSpan.ToArray();
    }

    private async Task<ExitCode> PingAsync(Socket socket, CancellationToken cancellationToken)
    {
        var ping = new ArrayBufferWriter<byte>();
        UwsgiPacketWriter.Write(ping, UwsgiModifier1.Ping, 0, []);
        var start = Stopwatch.GetTimestamp();
        await SendAsync(socket, [ping.WrittenSpan.ToArray()], cancellationToken);
        var answer = new List<byte>();
        while (answer.Count < UwsgiPacketHeader.Size && await ReadAsync(socket, cancellationToken) is { IsEmpty: false } bytes)
        {
            answer.AddRange(bytes.Span);
        }

        if (!UwsgiPacketHeader.TryParse(new ReadOnlySequence<byte>([.. answer]), out var pong) || pong.Modifier1 != UwsgiModifier1.Ping || pong.Modifier2 != 1)
        {
            Console.Error.WriteLine("uwsgi-cat: The ping was not answered.");
            return ExitCode.NoAnswer;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Pong in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms."));
        return ExitCode.Answered;
    }

    private async Task SendAsync(Socket socket, byte[][] pieces, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var bytes in pieces)
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

    /// <returns>More of the answer; nothing at its end.</returns>
    private async Task<ReadOnlyMemory<byte>> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        while (_records?.End is null)
        {
            var count = await socket.ReceiveAsync(_buffer, cancellationToken);
            var received = _buffer.AsMemory(0, count);
            _hex.Write('<', received.Span);
            var answer = _records is null ? received : _records.Take(received.Span);
            if (count == 0 || !answer.IsEmpty)
            {
                return answer;
            }
        }

        return default;
    }

    private async Task<ExitCode> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var first = new List<byte>();
        ResponseHead? head = null;
        ReadOnlySequence<byte> rest = default;
        while (head is null)
        {
            ReadOnlyMemory<byte> bytes;
            try
            {
                bytes = await ReadAsync(socket, cancellationToken);
            }
            catch (SocketException e)
            {
                Console.Error.WriteLine($"uwsgi-cat: The server hung up without an answer: {e.Message}.");
                return ExitCode.NoAnswer;
            }

            if (bytes.IsEmpty)
            {
                Console.Error.WriteLine(first.Count > 0
                    ? "uwsgi-cat: The server hung up in the middle of the answer's head."
                    : _records?.End is { } end
                    ? $"uwsgi-cat: The server ended the request without an answer: {end}."
                    : "uwsgi-cat: The server hung up without an answer.");
                return ExitCode.NoAnswer;
            }

            first.AddRange(bytes.Span);
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
            if (received >= expected && _records is null)
            {
                return;
            }

            try
            {
                bytes = await ReadAsync(socket, cancellationToken);
            }
            catch (SocketException e)
            {
                throw new IOException($"The answer was cut short after {received} bytes: {e.Message}.", e);
            }

            if (bytes.IsEmpty)
            {
                // Without a length, the end of the connection is the end of the answer; FastCGI has an end of its own.
                if (received < expected)
                {
                    throw new IOException($"The answer was cut short: {received} bytes of {expected}.");
                }

                if (_records is { End: null })
                {
                    throw new IOException($"The answer was cut short after {received} bytes: there is no FCGI_END_REQUEST.");
                }

                return;
            }
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
