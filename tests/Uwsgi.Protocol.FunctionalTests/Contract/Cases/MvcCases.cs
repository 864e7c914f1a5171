using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class MvcCases
{
    private const string Area = "MVC";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "binds path, query and header", visit => visit.GetAsync("/mvc/items/5?filter=a%26b", ("X-Tenant", "tenant 1"))),
        new(Area, "binds a form", visit => visit.PostAsync("/mvc/items", new FormUrlEncodedContent(
            [new("Id", "12"), new("Name", "Grüße & more"), new("Tags", "one"), new("Tags", "two")]))),
        new(Area, "validates a form", async visit =>
        {
            var answer = await visit.AskQuietlyAsync(HttpMethod.Post, "/mvc/items", new FormUrlEncodedContent([new("Id", "5000")]));
            visit.Note($"{answer.Status} {answer["Content-Type"]} {answer.Text[..answer.Text.IndexOf("\"traceId", StringComparison.Ordinal)]}");
        }),
        new(Area, "binds JSON", visit => visit.AskAsync(HttpMethod.Put, "/mvc/items/8", new StringContent("""{"name":"acht","tags":["a"]}""", Encoding.UTF8, "application/json"))),
        new(Area, "renders a view with links", visit => visit.GetAsync("/mvc/items/6/page")),
    ];
}
