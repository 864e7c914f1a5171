namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>
/// A case that some routes answer otherwise, and why. It is exact: a route that one day answers as the oracle does fails until
/// its entry is taken out.
/// </summary>
internal sealed record KnownDifference(string[] Routes, string Case, string Reason)
{
    /// <summary>What the oracle says, and what these routes say in its place.</summary>
    public IReadOnlyList<(string Oracle, string Route)> Parts { get; init; } = [];

    /// <summary>Everything that these routes say.</summary>
    public string? Instead { get; init; }

    /// <summary>Another thing that these routes may say in place of everything, where timing decides.</summary>
    public string? Or { get; init; }

    /// <summary>What these routes may say in the place of any line of the oracle's, where timing decides.</summary>
    public string? AnyLine { get; init; }

    /// <summary>Set where timing decides between the oracle's answer and this one.</summary>
    public bool ByChance { get; init; }

    public bool Allows(string oracle, string seen) => seen == Apply(oracle) || seen == Or || (ByChance && seen == oracle) || (AnyLine is not null && IsLineByLine(oracle, seen, AnyLine));

    public string Apply(string oracle)
    {
        if (Instead is not null)
        {
            return Instead;
        }

        foreach (var (before, after) in Parts)
        {
            Assert.Contains(before, oracle, StringComparison.Ordinal);
            oracle = oracle.Replace(before, after, StringComparison.Ordinal);
        }

        return oracle;
    }

    private static bool IsLineByLine(string oracle, string seen, string instead)
    {
        const char Mark = '\u0001';
        var (expected, actual) = (oracle.Split('\n'), seen.Replace(instead, Mark.ToString(), StringComparison.Ordinal).Split('\n'));
        return expected.Length == actual.Length && expected.Zip(actual).All(line => line.First == line.Second || line.Second == $"500 {Mark}");
    }
}
