using System.Globalization;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>What is measured, and for how long.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        Starts this project's servers and their peers on loopback, loads one after the other, and prints what each request cost.

        Usage: LoadBench [options]

          --scenario NAMES    those of --list, with commas between; defaults to all
          --rounds N          how often each is measured, forward and backward by turns; the medians are shown; defaults to 5
          --seconds N         how long a measurement lasts; defaults to 2
          --connections N     how many requests are under way at a time; defaults to the scenario's own
          --list              names the scenarios
        """;

    public IReadOnlyList<Scenario> Chosen { get; private init; } = Scenarios.All;

    public int Rounds { get; private init; } = 5;

    public TimeSpan Time { get; private init; } = TimeSpan.FromSeconds(2);

    public int? Connections { get; private init; }

    public bool Lists { get; private init; }

    /// <exception cref="FormatException">An option is unknown, or its value is none.</exception>
    public static CommandLine Parse(IEnumerable<string> args)
    {
        var (words, command) = (new Queue<string>(args), new CommandLine());
        while (words.TryDequeue(out var option))
        {
            command = option switch
            {
                "--list" => command with { Lists = true },
                "--scenario" => command with { Chosen = [.. Value(option, words).Split(',').Select(Find)] },
                "--rounds" => command with { Rounds = Number(option, words, 100) },
                "--seconds" => command with { Time = TimeSpan.FromSeconds(Number(option, words, 60)) },
                "--connections" => command with { Connections = Number(option, words, 20_000) },
                _ => throw new FormatException($"There is no option {option}.\n\n{Help}"),
            };
        }

        return command;
    }

    private static string Value(string option, Queue<string> words) => words.TryDequeue(out var value) ? value : throw new FormatException($"{option} needs a value.");

    private static int Number(string option, Queue<string> words, int most) =>
        int.TryParse(Value(option, words), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new FormatException($"{option} is a number from 1 to {most}.");

    private static Scenario Find(string name) =>
        Scenarios.All.FirstOrDefault(scenario => scenario.Name == name) ?? throw new FormatException($"There is no scenario {name}: --list names them.");
}
