using System.Globalization;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>What the whole machine does (Linux).</summary>
internal static class Machine
{
    /// <summary>The CPU time that everything together has used, in microseconds.</summary>
    public static double BusyMicroseconds()
    {
        // cpu  user nice system idle iowait irq softirq ...; guest times are in user's already, stolen ones are nobody's here.
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..8]
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (times.Sum() - times[3] - times[4]) * 10_000;
    }

    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        return $"{model ?? "CPU"}, {Environment.ProcessorCount} processors, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}";
    }
}
