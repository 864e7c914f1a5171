namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class AccountCases
{
    private const string Area = "authentication";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "a stranger is sent to the login", visit => visit.GetAsync("/account/me?x=a%20b")),
        new(Area, "a forged cookie is a stranger's", visit => visit.GetAsync("/account/me", ("Cookie", "session=forged"))),
        new(Area, "in, seen, and out again", async visit =>
        {
            await visit.PostAsync("/account/login", new FormUrlEncodedContent([new("name", "Zoë")]));
            await visit.GetAsync("/account/me");
            await visit.PostAsync("/account/logout", null);
            await visit.GetAsync("/account/me");
        }),
    ];
}
