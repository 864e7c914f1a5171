using System.Diagnostics;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>The answers of one loop.</summary>
internal sealed class Counts
{
    public List<long> Latencies { get; } = [];

    public int Errors { get; private set; }

    /// <param name="start">When the request began, before its connection was opened.</param>
    /// <param name="isRight">Whether the answer was the right one.</param>
    public void Add(long start, bool isRight)
    {
        if (isRight)
        {
            Latencies.Add(Stopwatch.GetTimestamp() - start);
        }
        else
        {
            Errors++;
        }
    }
}
