using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class JsonCases
{
    private const string Area = "minimal API";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "get", visit => visit.GetAsync("/json/7")),
        new(Area, "get with a name", visit => visit.GetAsync("/json/7?name=%C3%A4%20b")),
        new(Area, "an id that is none", visit => visit.GetAsync("/json/seven")),
        new(Area, "post", visit => visit.PostAsync("/json", Json("""{"id":3,"name":"drei"}"""))),
        new(Area, "post what is not JSON", visit => visit.PostAsync("/json", Json("{nothing"))),
        new(Area, "post another media type", visit => visit.PostAsync("/json", new StringContent("id=3", Encoding.UTF8, "text/plain"))),
        new(Area, "put", visit => visit.AskAsync(HttpMethod.Put, "/json/9", Json("""{"id":3,"name":"drei"}"""))),
        new(Area, "patch", visit => visit.AskAsync(HttpMethod.Patch, "/json/9", Json("""{"id":3,"name":"drei"}"""))),
        new(Area, "delete", visit => visit.AskAsync(HttpMethod.Delete, "/json/9")),
        new(Area, "a method that is not allowed", visit => visit.AskAsync(HttpMethod.Put, "/json")),
        new(Area, "an asynchronous stream", visit => visit.GetAsync("/json/stream")),
        new(Area, "links", visit => visit.GetAsync("/json/link/4")),
    ];

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
