namespace Uwsgi.Protocol.LoadBench;

/// <summary>One contender in one round.</summary>
internal sealed record Sample
{
    /// <summary>Of the server's process tree, in microseconds a request.</summary>
    public required double Cpu { get; init; }

    /// <summary>Of the front end's; NaN where there is none.</summary>
    public required double FrontCpu { get; init; }

    /// <summary>Requests a second.</summary>
    public required double Rate { get; init; }

    /// <summary>The median latency in milliseconds.</summary>
    public required double P50 { get; init; }

    /// <summary>The latency in milliseconds that one of a hundred requests exceeds.</summary>
    public required double P99 { get; init; }

    public required int Errors { get; init; }

    /// <summary>Since the server's start.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>How many processors everything but the server, its front end and the load kept busy.</summary>
    public required double Others { get; init; }
}
