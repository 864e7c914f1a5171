using System.Buffers;
using BenchmarkDotNet.Attributes;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>From variables to raw target, base path, path and query: the strings that ASP.NET Core wants, and no more.</summary>
[MemoryDiagnoser]
public class TargetBenchmarks
{
    private readonly CgiVariables _browser = new();
    private readonly CgiVariables _root = Load(("REQUEST_URI", "/"), ("PATH_INFO", "/"), ("QUERY_STRING", ""));
    private readonly CgiVariables _mount = Load(
        ("REQUEST_URI", "/app/orders/17?full=1"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/app/orders/17"), ("QUERY_STRING", "full=1"));

    [GlobalSetup]
    public void Setup() => _browser.LoadUwsgi(new ReadOnlySequence<byte>(BrowserRequest.Packet, 4, BrowserRequest.Packet.Length - 4), 100);

    [Benchmark(Baseline = true)]
    public CgiTarget Root() => CgiTarget.Parse(_root);

    [Benchmark]
    public CgiTarget EscapedPathAndQuery() => CgiTarget.Parse(_browser);

    [Benchmark]
    public CgiTarget Mounted() => CgiTarget.Parse(_mount);

    private static CgiVariables Load(params (string Name, string Value)[] pairs)
    {
        var output = new ArrayBufferWriter<byte>();
        UwsgiPacketWriter.Write(output, 0, 0, [.. pairs.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))]);
        var variables = new CgiVariables();
        variables.LoadUwsgi(new ReadOnlySequence<byte>(output.WrittenMemory[UwsgiPacketHeader.Size..]), 100);
        return variables;
    }
}
