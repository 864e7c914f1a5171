using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A closed loop of several FastCGI requests at a time on one connection: the end of one is the beginning of the next with its id.</summary>
/// <param name="target">Whom to ask.</param>
/// <param name="counts">The answers.</param>
/// <param name="patience">When to give up.</param>
internal sealed class Multiplexed(Target target, Counts counts, CancellationToken patience)
{
    /// <summary>How many requests a connection has at a time.</summary>
    public const int AtOnce = 16;

    private readonly Slot[] _slots = [.. Enumerable.Range(1, AtOnce).Select(id => new Slot(target, (ushort)id))];
    private readonly ReceiveBuffer _buffer = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private int _open;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !patience.IsCancellationRequested)
        {
            try
            {
                await RunConnectionAsync(stop);
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                CountLost();
            }
        }
    }

    private async Task RunConnectionAsync(CancellationToken stop)
    {
        _buffer.Clear();
        _output.ResetWrittenCount();
        using var socket = await target.ConnectAsync(patience);
        foreach (var slot in _slots)
        {
            Begin(slot);
        }

        while (_open > 0)
        {
            if (_output.WrittenCount > 0)
            {
                await Target.SendAsync(socket, _output.WrittenMemory, patience);
                _output.ResetWrittenCount();
            }

            if (!await _buffer.FillAsync(socket, patience))
            {
                CountLost();
                return;
            }

            _buffer.KeepOnly(TakeRecords(_buffer.Bytes, stop));
        }
    }

    private void Begin(Slot slot)
    {
        _output.Write(slot.Request);
        slot.Answer.Begin();
        slot.Start = Stopwatch.GetTimestamp();
        _open++;
    }

    private ReadOnlySequence<byte> TakeRecords(ReadOnlySequence<byte> bytes, CancellationToken stop)
    {
        while (FastCgiRecordReader.TryRead(ref bytes, out var header, out var content))
        {
            if (header.RequestId is 0 or > AtOnce)
            {
                throw new IOException($"Nobody has asked by the id {header.RequestId}.");
            }

            var slot = _slots[header.RequestId - 1];
            if (header.Type == FastCgiRecordType.Stdout)
            {
                slot.Answer.TakeRecord(content);
            }
            else if (header.Type == FastCgiRecordType.EndRequest)
            {
                _open--;
                counts.Add(slot.Start, slot.Answer.IsRight);
                if (!stop.IsCancellationRequested)
                {
                    Begin(slot);
                }
            }
        }

        return bytes;
    }

    // No connection is an error too.
    private void CountLost()
    {
        do
        {
            counts.Add(default, isRight: false);
        }
        while (--_open > 0);

        _open = 0;
    }

    private sealed class Slot(Target target, ushort id)
    {
        public byte[] Request { get; } = target.RequestBytes(id);

        public Answer Answer { get; } = new(target.Question.Answer);

        public long Start { get; set; }
    }
}
