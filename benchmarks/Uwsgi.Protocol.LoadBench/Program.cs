using System.Runtime.InteropServices;
using Uwsgi.Protocol.LoadBench;

if (args is [App.Command, ..])
{
    await App.ServeAsync(args.AsSpan(1));
    return 0;
}

CommandLine command;
try
{
    command = CommandLine.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

if (command.Lists)
{
    foreach (var scenario in command.Chosen)
    {
        Console.WriteLine($"{scenario.Name,-12} {scenario.About}: {string.Join("; ", scenario.Contenders.Select(contender => contender.Name))}");
    }

    return 0;
}

// Ended early, it ends its servers all the same.
using var end = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

Console.WriteLine($"{Machine.Describe()}; medians of {command.Rounds} rounds of {command.Time.TotalSeconds:0} s.\n");
try
{
    foreach (var scenario in command.Chosen)
    {
        Console.WriteLine(await scenario.RunAsync(command, end.Token));
    }

    return 0;
}
catch (OperationCanceledException)
{
    return 130;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.Cancel();
}
