namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

/// <summary>What the app sees of the target.</summary>
internal static class PathCases
{
    private const string Area = "path";

    public static IEnumerable<ContractCase> All() =>
    [
        .. new[]
        {
            "/echo/plain",
            "/echo/",
            "/echo/a%20b/c%20d",
            "/echo/a%2Fb",
            "/echo/a%252Fb%2520c",
            "/echo/gr%C3%BC%C3%9Fe/%E4%BD%A0%E5%A5%BD",
            "/echo/a+b;c=d~e,f!g'(h)*:@&i$",
            "/echo/a//b",
            "/echo/a/../b/./c",
            "/echo/trailing/",
            "/echo/%41%62%63",
            "/echo/percent%25sign",
            "/echo/quote%22angle%3Cbracket%3E",
            "/echo/q?",
            "/echo/q?a=1&b=2&a=3",
            "/echo/q?empty=&none",
            "/echo/q?t=a%20b+c%26d%3D%2F%C3%BC",
            "/echo/q?question=?&slash=/",
            "/not/there",
        }.Select(target => new ContractCase(Area, target, visit => visit.GetAsync(target))),
        new(Area, "of 2,000 bytes", visit => visit.GetAsync("/echo/" + string.Concat(Enumerable.Repeat("segment/", 250)))),
        new(Area, "query of 4,000 bytes", visit => visit.GetAsync("/echo/q?" + string.Join('&', Enumerable.Range(0, 400).Select(i => $"k{i:000}={i:0000}")))),
    ];
}
