using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A closed loop: one request after the other, on connections of their own or on one that is kept.</summary>
/// <param name="target">Whom to ask.</param>
/// <param name="counts">The answers.</param>
/// <param name="patience">When to give up.</param>
internal sealed class Requests(Target target, Counts counts, CancellationToken patience)
{
    private readonly bool _keeps = target.Use == ConnectionUse.Kept;
    private readonly bool _isFastCgi = target.Protocol == LoadProtocol.FastCgi;
    private readonly byte[] _request = target.RequestBytes();
    private readonly ReceiveBuffer _buffer = new();
    private readonly Answer _answer = new(target.Question.Answer);
    private Socket? _socket;
    private bool _hasEnded;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !patience.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            var isRight = await AskAsync();
            counts.Add(start, isRight);
            if (!isRight || !_keeps)
            {
                _socket?.Dispose();
                _socket = null;
            }
        }

        _socket?.Dispose();
    }

    /// <summary>One request on a connection that is kept, and left to the caller.</summary>
    public async Task<Socket> AskOnceAsync()
    {
        var isRight = await AskAsync();
        var socket = _socket;
        _socket = null;
        if (!isRight)
        {
            socket?.Dispose();
            throw new IOException("An answer was wrong or missing.");
        }

        return socket!;
    }

    private async ValueTask<bool> AskAsync()
    {
        try
        {
            _socket ??= await target.ConnectAsync(patience);
            await Target.SendAsync(_socket, _request, patience);
            return await ReceiveAsync(_socket);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask<bool> ReceiveAsync(Socket socket)
    {
        _buffer.Clear();
        _answer.Begin();
        _hasEnded = false;
        while (!_keeps || !(_isFastCgi ? _hasEnded : _answer.IsComplete))
        {
            if (!await _buffer.FillAsync(socket, patience))
            {
                return !_keeps && _answer.IsRight && (!_isFastCgi || _hasEnded);
            }

            _buffer.KeepOnly(_isFastCgi ? TakeRecords(_buffer.Bytes) : _answer.Take(_buffer.Bytes));
        }

        return _answer.IsRight;
    }

    private ReadOnlySequence<byte> TakeRecords(ReadOnlySequence<byte> bytes)
    {
        while (FastCgiRecordReader.TryRead(ref bytes, out var header, out var content))
        {
            if (header.Type == FastCgiRecordType.Stdout)
            {
                _answer.TakeRecord(content);
            }

            _hasEnded |= header.Type == FastCgiRecordType.EndRequest;
        }

        return bytes;
    }
}
