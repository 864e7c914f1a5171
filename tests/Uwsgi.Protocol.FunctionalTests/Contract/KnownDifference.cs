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

    /// <summary>What may stand in place of any of the oracle's lines, where timing decides.</summary>
    public string? Sometimes { get; init; }

    /// <summary>Set where timing decides between the oracle's answer and this one.</summary>
    public bool ByChance { get; init; }

    /// <summary>Set where the client waits until its patience ends.</summary>
    public bool Waits { get; init; }

    public bool Allows(string oracle, string seen) => seen == Apply(oracle) || seen == Or || (ByChance && seen == oracle) || IsSometimes(oracle, seen);

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

    private bool IsSometimes(string oracle, string seen)
    {
        const string Placeholder = "\0";
        var expected = oracle.Split('\n');
        var lines = Sometimes is null ? [] : seen.Replace(Sometimes, Placeholder, StringComparison.Ordinal).Split('\n');
        return lines.Length == expected.Length && lines.Zip(expected).All(pair => pair.First == pair.Second || pair.First == Placeholder);
    }
}
