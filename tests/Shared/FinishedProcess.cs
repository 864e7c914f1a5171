using System.Diagnostics;

namespace Uwsgi.Protocol.Testing;

/// <summary>A command that a test ran to its end, with what it said.</summary>
public sealed record FinishedProcess(int ExitCode, byte[] Output, string Errors)
{
    /// <summary>Runs it with an input and, where one is given, with no environment but this.</summary>
    public static async Task<FinishedProcess> RunAsync(
        string program, IEnumerable<string> arguments, byte[] input, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Deadline.Default);
        try
        {
            var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.BaseStream.WriteAsync(input, patience.Token);
            process.StandardInput.Close();
            await Task.WhenAll(reading, errors, process.WaitForExitAsync(patience.Token));
            return new FinishedProcess(process.ExitCode, output.ToArray(), await errors);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }
}
