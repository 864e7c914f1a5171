using System.Buffers;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>What the table of requests costs one, and what it costs to look at it.</summary>
[MemoryDiagnoser]
public class RequestTableBenchmarks
{
    private static readonly RequestOutcome Outcome = new() { Reason = EndReason.Completed, StatusCode = 200, HeadSize = 150, BodySize = 13 };

    private readonly RequestTable _table = new([]);
    private readonly SlotView _view = new();
    private readonly Browser _request = new();
    private RequestSlot _other = null!;

    [GlobalSetup]
    public void Setup() => _other = _table.Enter(_request);

    [AllocationBudget(0)]
    [Benchmark(Baseline = true)]
    public void EnterAndLeave()
    {
        var slot = _table.Enter(_request);
        _table.Leave(slot, _request, Outcome);
    }

    [AllocationBudget(0)]
    [Benchmark]
    public void Look() => _other.CopyTo(_view);

    private sealed class Browser : IRunningRequest
    {
        public Browser() => Variables.LoadUwsgi(new ReadOnlySequence<byte>(BrowserRequest.Packet.AsMemory(UwsgiPacketHeader.Size)), maxCount: 100);

        public GatewayProtocol? Protocol => GatewayProtocol.Uwsgi;

        public CgiVariables Variables { get; } = new();

        public bool IsStatic { get; set; }

        public IFeatureCollection Features { get; } = new FeatureCollection();
    }
}
