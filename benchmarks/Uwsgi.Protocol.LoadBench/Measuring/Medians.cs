namespace Uwsgi.Protocol.LoadBench;

internal static class Medians
{
    public static double Of(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;
    }
}
