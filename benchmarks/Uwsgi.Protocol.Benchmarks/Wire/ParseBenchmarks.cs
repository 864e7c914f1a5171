using System.Buffers;
using BenchmarkDotNet.Attributes;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>From the bytes of a packet to an index of its variables.</summary>
[MemoryDiagnoser]
public class ParseBenchmarks
{
    private readonly CgiVariables _variables = new();
    private readonly byte[] _copy = new byte[4096];
    private ReadOnlySequence<byte> _whole;
    private ReadOnlySequence<byte> _split;

    [GlobalSetup]
    public void Setup()
    {
        var packet = BrowserRequest.Packet;
        _whole = new ReadOnlySequence<byte>(packet);
        var second = new Segment(packet.AsMemory(packet.Length / 2), packet.Length / 2);
        _split = new ReadOnlySequence<byte>(new Segment(packet.AsMemory(0, packet.Length / 2), 0, second), 0, second, second.Memory.Length);
    }

    /// <summary>What no parser that keeps the request can do without.</summary>
    [Benchmark(Baseline = true)]
    public int CopyOnly()
    {
        _whole.CopyTo(_copy);
        return _copy[0];
    }

    [AllocationBudget(0)]
    [Benchmark]
    public int ReaderOnly()
    {
        var buffer = _whole;
        UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data);
        var reader = new UwsgiVariableReader(data);
        var sum = 0;
        while (reader.TryRead(out var variable))
        {
            sum += variable.ValueLength;
        }

        return sum;
    }

    [AllocationBudget(0)]
    [Benchmark]
    public int PacketToVariables()
    {
        var buffer = _whole;
        UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data);
        _variables.LoadUwsgi(data, 100);
        return _variables.Count;
    }

    [AllocationBudget(0)]
    [Benchmark]
    public int PacketInTwoSegmentsToVariables()
    {
        var buffer = _split;
        UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data);
        _variables.LoadUwsgi(data, 100);
        return _variables.Count;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex, Segment? next = null) =>
            (Memory, RunningIndex, Next) = (memory, runningIndex, next);
    }
}
