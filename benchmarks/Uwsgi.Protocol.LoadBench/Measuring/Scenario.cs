namespace Uwsgi.Protocol.LoadBench;

/// <summary>What is compared with one another.</summary>
/// <param name="Name">As --scenario has it.</param>
/// <param name="About">What it is, for people.</param>
/// <param name="Contenders">Who is asked.</param>
internal abstract record Scenario(string Name, string About, IReadOnlyList<Contender> Contenders)
{
    /// <returns>A table.</returns>
    public abstract Task<string> RunAsync(CommandLine command, CancellationToken cancellationToken);
}
