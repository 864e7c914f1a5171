using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>A head of six headers, as a page has.</summary>
[MemoryDiagnoser]
public class ResponseHeadBenchmarks
{
    private static readonly (string Name, string Value)[] Headers =
    [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Date", "Sat, 21 Nov 2026 11:00:00 GMT"),
        ("Server", "Kestrel"),
        ("Cache-Control", "no-cache, no-store"),
        ("Set-Cookie", "session=6c1f2b0e9d8a4c57b3e2f1a09d8c7b6a; path=/; secure; httponly"),
    ];

    private readonly ArrayBufferWriter<byte> _output = new(4096);

    /// <summary>The same text, encoded in one go.</summary>
    [Benchmark(Baseline = true)]
    public int EncodeOnly()
    {
        _output.ResetWrittenCount();
        return (int)Encoding.ASCII.GetBytes(Text, _output);
    }

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        var writer = new ResponseHeadWriter(_output, ResponseHeadStyle.StatusLine, 200, "OK");
        foreach (var (name, value) in Headers)
        {
            writer.WriteHeader(name, value);
        }

        writer.WriteNumber("Content-Length: "u8, 51234);
        writer.Complete();
        return _output.WrittenCount;
    }

    private static string Text { get; } =
        "HTTP/1.1 200 OK\r\n" + string.Concat(Headers.Select(header => $"{header.Name}: {header.Value}\r\n")) + "Content-Length: 51234\r\n\r\n";
}
