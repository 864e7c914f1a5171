using System.Buffers;
using BenchmarkDotNet.Attributes;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>What FastCGI puts around a response: one record for head and body, the end of the stream, the end of the request.</summary>
[MemoryDiagnoser]
public class FastCgiReplyBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(256 * 1024);
    private byte[] _response = [];

    /// <summary>How many bytes the response has.</summary>
    [Params(300, 100_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup() => _response = new byte[Size];

    /// <summary>The same bytes with nothing around them.</summary>
    [Benchmark(Baseline = true)]
    public int CopyOnly()
    {
        _output.ResetWrittenCount();
        _output.Write(_response);
        return _output.WrittenCount;
    }

    [AllocationBudget(0)]
    [Benchmark]
    public int Records()
    {
        _output.ResetWrittenCount();
        FastCgiRecordWriter.WriteStream(_output, FastCgiRecordType.Stdout, 1, _response);
        FastCgiRecordWriter.WriteStreamEnd(_output, FastCgiRecordType.Stdout, 1);
        FastCgiRecordWriter.WriteEndRequest(_output, 1, default);
        return _output.WrittenCount;
    }
}
