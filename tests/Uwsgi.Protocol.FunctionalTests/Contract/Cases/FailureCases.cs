namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class FailureCases
{
    private const string Area = "failure";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "before the head", visit => visit.GetAsync("/fail/before")),
        new(Area, "before anything was written", visit => visit.GetAsync("/fail/unflushed")),
        new(Area, "after the head, length unknown", visit => visit.GetAsync("/fail/after")),
        new(Area, "after the head, length known", visit => visit.GetAsync("/fail/after?length=100")),
        new(Area, "abort, length unknown", visit => visit.GetAsync("/fail/abort")),
        new(Area, "abort, length known", visit => visit.GetAsync("/fail/abort?length=100")),
        new(Area, "more than Content-Length", visit => visit.GetAsync("/fail/long")),
        new(Area, "an answer without reading the body", visit => visit.PostAsync("/unread?length=true&flush=false", new ByteArrayContent(new byte[100_000]))),
    ];
}
