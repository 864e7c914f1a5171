namespace Uwsgi.Protocol.LoadBench;

/// <summary>What a request costs.</summary>
/// <param name="Name">As --scenario has it.</param>
/// <param name="About">What it is, for people.</param>
/// <param name="Question">What is asked.</param>
/// <param name="Connections">How many requests are under way at a time, unless --connections says so.</param>
/// <param name="Contenders">Who is asked.</param>
/// <param name="References">The names of those whom the others are compared with.</param>
internal sealed record LoadScenario(
    string Name, string About, Question Question, int Connections, IReadOnlyList<Contender> Contenders, params string[] References)
    : Scenario(Name, About, Contenders)
{
    public override async Task<string> RunAsync(CommandLine command, CancellationToken cancellationToken) =>
        (await new LoadRun(this, command, cancellationToken).RunAsync()).ToMarkdown();
}
