using System.Globalization;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>Route by route: how many cases, how many answered as the oracle did, how many as a documented difference says.</summary>
internal sealed class ContractScore
{
    private readonly SortedDictionary<string, (int Cases, int Passed, int Different)> _rows = new(StringComparer.Ordinal);

    public void Count(string route, bool passed, bool different)
    {
        lock (_rows)
        {
            var row = _rows.GetValueOrDefault(route);
            _rows[route] = (row.Cases + 1, row.Passed + (passed ? 1 : 0), row.Different + (different ? 1 : 0));
        }
    }

    /// <summary>Leaves the table in artifacts/contract.txt, where the script that runs the tests shows it.</summary>
    public string Publish()
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{"route",-40} {"cases",6} {"passed",7} {"of these, by a known difference",32}");
        foreach (var (route, (cases, passed, different)) in _rows)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{route,-40} {cases,6} {passed,7} {different,32}");
        }

        table.AppendLine();
        foreach (var difference in KnownDifferences.All)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"{difference.Case} ({string.Join("; ", difference.Routes)}): {difference.Reason}");
        }

        Directory.CreateDirectory(RepositoryFiles.PathOf("artifacts"));
        File.WriteAllText(RepositoryFiles.PathOf("artifacts", "contract.txt"), table.ToString());
        return table.ToString();
    }
}
