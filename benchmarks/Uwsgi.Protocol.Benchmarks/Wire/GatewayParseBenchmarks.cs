using System.Buffers;
using BenchmarkDotNet.Attributes;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>The same request in each of the three protocols, from its bytes to an index of its variables.</summary>
[MemoryDiagnoser]
public class GatewayParseBenchmarks
{
    private readonly CgiVariables _variables = new();
    private readonly ReadOnlySequence<byte> _uwsgi = new(BrowserRequest.Packet);
    private readonly ReadOnlySequence<byte> _fastCgi = new(BrowserRequest.FastCgi);
    private readonly ReadOnlySequence<byte> _scgi = new(BrowserRequest.Scgi);

    [AllocationBudget(0)]
    [Benchmark(Baseline = true)]
    public int Uwsgi()
    {
        var buffer = _uwsgi;
        UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data);
        _variables.LoadUwsgi(data, 100);
        return _variables.Count;
    }

    [AllocationBudget(0)]
    [Benchmark]
    public int FastCgi()
    {
        var buffer = _fastCgi;
        var sum = 0;
        while (FastCgiRecordReader.TryRead(ref buffer, out var header, out var content))
        {
            if (header.Type == FastCgiRecordType.BeginRequest)
            {
                sum += (int)FastCgiBeginRequest.Parse(content).Role;
            }
            else if (!content.IsEmpty)
            {
                _variables.LoadFastCgi(content, 100);
            }
        }

        return sum + _variables.Count;
    }

    [AllocationBudget(0)]
    [Benchmark]
    public int Scgi()
    {
        var buffer = _scgi;
        ScgiNetstringReader.TryRead(ref buffer, ushort.MaxValue, out var headers);
        _variables.LoadScgi(headers, 100);
        return _variables.Count;
    }
}
