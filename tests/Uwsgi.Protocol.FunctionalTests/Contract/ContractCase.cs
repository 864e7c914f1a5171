namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>A script of requests. What the visit writes down must be the same by every route.</summary>
internal sealed record ContractCase(string Area, string Title, Func<Visit, Task> Script)
{
    public string Name => $"{Area}: {Title}";
}
