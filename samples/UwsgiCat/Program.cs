using System.Net.Sockets;
using Uwsgi.Protocol.Wire;
using UwsgiCat;

try
{
    if (args.Length == 0 || args.Contains("--help") || args.Contains("-h"))
    {
        Console.WriteLine(CommandLine.Help);
        return args.Length == 0 ? (int)ExitCode.Usage : (int)ExitCode.Answered;
    }

    var command = CommandLine.Parse(args);
    using var timeout = new CancellationTokenSource(command.Timeout);
    return (int)await new Exchange(command).RunAsync(timeout.Token);
}
catch (UsageException e)
{
    return Fail(ExitCode.Usage, $"{e.Message} (--help shows what there is.)");
}
catch (SocketException e)
{
    // The code that sockets have for a file that is not there.
    return Fail(ExitCode.NoConnection, e.SocketErrorCode == SocketError.AddressNotAvailable
        ? "No connection: there is no such socket or address."
        : $"No connection: {e.Message}.");
}
catch (WireFormatException e)
{
    return Fail(ExitCode.NoAnswer, $"What came back is not an answer ({e.Error}). --hex shows the bytes.");
}
catch (IOException e)
{
    return Fail(ExitCode.CutShort, e.Message);
}
catch (OperationCanceledException)
{
    return Fail(ExitCode.TimedOut, "No complete answer in time (--timeout).");
}

static int Fail(ExitCode code, string message)
{
    Console.Error.WriteLine($"uwsgi-cat: {message}");
    return (int)code;
}
