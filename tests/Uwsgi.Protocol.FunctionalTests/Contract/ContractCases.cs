using Uwsgi.Protocol.FunctionalTests.Contract.Cases;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

internal static class ContractCases
{
    public static readonly IReadOnlyDictionary<string, ContractCase> ByName = new[]
    {
        RequestCases.All(), PathCases.All(), ResponseCases.All(), DownloadCases.All(), JsonCases.All(), MvcCases.All(), PageCases.All(),
        StaticFileCases.All(), AccountCases.All(), CachingCases.All(), LimitCases.All(), FormCases.All(), LiveCases.All(),
        WebSocketCases.All(), SignalRCases.All(), FailureCases.All(),
    }.SelectMany(cases => cases).ToDictionary(contract => contract.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. ByName.Keys];
}
