namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>
/// A case that one route answers otherwise, and why. The difference is exact: where the oracle's lines say <paramref name="Oracle"/>
/// this route says <paramref name="Route"/>; a route that one day answers as the oracle does fails until this entry is taken out.
/// </summary>
internal sealed record KnownDifference(string[] Routes, string Case, string Reason, params (string Oracle, string Route)[] Lines)
{
    /// <summary>Set where there is no answer to compare: the case is not run by these routes.</summary>
    public bool Impossible { get; init; }

    public string Apply(string oracle)
    {
        foreach (var (before, after) in Lines)
        {
            Assert.Contains(before, oracle, StringComparison.Ordinal);
            oracle = oracle.Replace(before, after, StringComparison.Ordinal);
        }

        return oracle;
    }
}
