namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>What front ends cannot do, or do in their own way. Nothing here is the app's or the server's fault.</summary>
internal static class KnownDifferences
{
    private static readonly KnownDifference[] All =
    [
    ];

    public static KnownDifference? Of(string route, string contractCase) =>
        All.SingleOrDefault(difference => difference.Case == contractCase && difference.Routes.Contains(route));
}
