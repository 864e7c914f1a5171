using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>What a connection costs that has been asked once and is kept. A server is started anew for each round: memory that was needed once is kept.</summary>
/// <param name="Contenders">Who is asked; the last is the one whom the others are compared with.</param>
internal sealed record IdleScenario(IReadOnlyList<Contender> Contenders) : Scenario("idle", "10,000 idle kept connections over unix sockets", Contenders)
{
    private const int Connections = 10_000;

    // So that what every server needs once is there before.
    private const int WarmUpConnections = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public override async Task<string> RunAsync(CommandLine command, CancellationToken cancellationToken)
    {
        var count = command.Connections ?? Connections;
        var bytes = Contenders.ToDictionary(contender => contender, _ => new List<double>());
        for (var round = 0; round < command.Rounds; round++)
        {
            foreach (var contender in round % 2 == 0 ? Contenders : Contenders.Reverse())
            {
                bytes[contender].Add(await MeasureAsync(contender, count, cancellationToken));
            }
        }

        var reference = Medians.Of(bytes[Contenders[^1]]);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"### {Name}: {About}, {count} here\n");
        text.AppendLine(CultureInfo.InvariantCulture, $"| {Name} | bytes/connection | of {Contenders[^1].Name} |\n| --- | ---: | ---: |");
        foreach (var contender in Contenders)
        {
            var median = Medians.Of(bytes[contender]);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {contender.Name} | {median:0} | {median / reference:0.00} |");
        }

        return text.ToString();
    }

    private static async Task<double> MeasureAsync(Contender contender, int count, CancellationToken cancellationToken)
    {
        await using var running = await contender.StartAsync(Question.Hello);
        await Load.RunAsync(running.Target, WarmUpConnections, WarmUp, cancellationToken);
        var before = running.Server.ResidentBytes();
        var sockets = new List<Socket>();
        try
        {
            var requests = new Requests(running.Target, new Counts(), cancellationToken);
            while (sockets.Count < count)
            {
                sockets.Add(await requests.AskOnceAsync());
            }

            return (double)(running.Server.ResidentBytes() - before) / count;
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }
}
