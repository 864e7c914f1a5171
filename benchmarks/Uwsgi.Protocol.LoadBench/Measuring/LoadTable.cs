using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>The samples of a scenario, and the table that they come to.</summary>
internal sealed class LoadTable(LoadScenario scenario, int connections)
{
    private readonly Dictionary<Contender, List<Sample>> _samples = [];
    private readonly List<string> _leftOut = [];

    public void Add(Contender contender, Sample sample)
    {
        if (!_samples.TryGetValue(contender, out var samples))
        {
            _samples[contender] = samples = [];
        }

        samples.Add(sample);
    }

    public void LeaveOut(Contender contender, string why) => _leftOut.Add($"{contender.Name}: {why}");

    public string ToMarkdown()
    {
        var ordered = scenario.Contenders.Where(_samples.ContainsKey).ToList();
        var references = scenario.References.SelectMany(name => ordered.Where(contender => contender.Name == name)).ToList();
        var hasFront = ordered.Exists(contender => contender.BehindNginx);
        List<string> columns = [scenario.Name, "CPU µs/request", .. references.Select(reference => $"of {reference.Name}")];
        columns.AddRange(hasFront ? ["nginx' CPU µs"] : []);
        columns.Add("requests/s");
        columns.AddRange(references.Take(1).Select(reference => $"of {reference.Name}"));
        columns.AddRange(["p50 ms", "p99 ms", "errors", "peak RSS MiB", "others' CPUs"]);

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"### {scenario.Name}: {scenario.About}, {connections} at once\n");
        text.AppendLine(Row(columns));
        text.AppendLine(Row(columns.Select((_, i) => i == 0 ? "---" : "---:")));
        foreach (var contender in ordered)
        {
            var (cpu, rate) = (Median(contender, sample => sample.Cpu), Median(contender, sample => sample.Rate));
            List<string> cells = [contender.Name, Text(cpu, "0.0"), .. references.Select(reference => Text(cpu / Median(reference, sample => sample.Cpu), "0.00"))];
            cells.AddRange(hasFront ? [Text(Median(contender, sample => sample.FrontCpu), "0.0")] : []);
            cells.Add(Text(rate, "0"));
            cells.AddRange(references.Take(1).Select(reference => Text(rate / Median(reference, sample => sample.Rate), "0.00")));
            cells.Add(Text(Median(contender, sample => sample.P50), "0.00"));
            cells.Add(Text(Median(contender, sample => sample.P99), "0.00"));
            cells.Add(Text(_samples[contender].Sum(sample => sample.Errors), "0"));
            cells.Add(Text(_samples[contender].Max(sample => sample.PeakResidentBytes) / 1048576.0, "0"));
            cells.Add(Text(Median(contender, sample => sample.Others), "0.0"));
            text.AppendLine(Row(cells));
        }

        _leftOut.ForEach(line => text.AppendLine(CultureInfo.InvariantCulture, $"\nNot measured: {line}."));
        return text.ToString();
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    private double Median(Contender contender, Func<Sample, double> value) => Medians.Of(_samples[contender].Select(value));
}
