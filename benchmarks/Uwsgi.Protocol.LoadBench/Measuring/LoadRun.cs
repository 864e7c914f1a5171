using System.Diagnostics;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>The rounds of one scenario: forward and backward by turns, so that what drifts drifts for everybody.</summary>
internal sealed class LoadRun(LoadScenario scenario, CommandLine command, CancellationToken cancellationToken)
{
    // Until what is compiled again has been.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    private readonly int _connections = command.Connections ?? scenario.Connections;
    private readonly Dictionary<Contender, RunningContender> _running = [];

    public async Task<LoadTable> RunAsync()
    {
        var table = new LoadTable(scenario, _connections);
        try
        {
            foreach (var contender in scenario.Contenders)
            {
                if (contender.Missing is { } missing)
                {
                    table.LeaveOut(contender, $"{missing} is not installed");
                    continue;
                }

                _running[contender] = await contender.StartAsync(scenario.Question);
                var warmUp = await Load.RunAsync(_running[contender].Target, _connections, WarmUp, cancellationToken);
                if (warmUp.Requests == 0)
                {
                    table.LeaveOut(contender, $"none of its {warmUp.Errors} answers was right");
                    await EndAsync(contender);
                }
            }

            for (var round = 0; round < command.Rounds; round++)
            {
                var present = scenario.Contenders.Where(_running.ContainsKey);
                foreach (var contender in round % 2 == 0 ? present : present.Reverse())
                {
                    table.Add(contender, await MeasureAsync(_running[contender]));
                }
            }

            return table;
        }
        finally
        {
            foreach (var contender in _running.Keys.ToList())
            {
                await EndAsync(contender);
            }
        }
    }

    private async Task EndAsync(Contender contender)
    {
        _running.Remove(contender, out var running);
        await running!.DisposeAsync();
    }

    private async Task<Sample> MeasureAsync(RunningContender running)
    {
        using var self = Process.GetCurrentProcess();
        var before = (Server: running.Server.CpuMicroseconds(), Front: running.Front?.CpuMicroseconds(), Self: self.TotalProcessorTime, All: Machine.BusyMicroseconds());
        var load = await Load.RunAsync(running.Target, _connections, command.Time, cancellationToken);
        var server = running.Server.CpuMicroseconds() - before.Server;
        var front = running.Front?.CpuMicroseconds() - before.Front;
        self.Refresh();
        var ours = server + (front ?? 0) + (self.TotalProcessorTime - before.Self).TotalMicroseconds;
        return new Sample
        {
            Cpu = server / load.Requests,
            FrontCpu = front / load.Requests ?? double.NaN,
            Rate = load.Requests / load.Elapsed.TotalSeconds,
            P50 = load.Percentile(0.5),
            P99 = load.Percentile(0.99),
            Errors = load.Errors,
            PeakResidentBytes = running.Server.PeakResidentBytes(),
            Others = Math.Max(0, Machine.BusyMicroseconds() - before.All - ours) / load.Elapsed.TotalMicroseconds,
        };
    }
}
