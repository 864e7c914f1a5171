using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Tools;

/// <summary>The FastCGI developers' kit's own client: the environment is the request, standard input its body.</summary>
public sealed class CgiFcgiTests(ToolsFixture tools) : IClassFixture<ToolsFixture>
{
    [FrontEndTheory("cgi-fcgi")]
    [CombinatorialData]
    public async Task Gets(bool unix)
    {
        var answer = await AskAsync(unix, "GET", "/json/1", []);
        Assert.StartsWith("Status: 200 OK\r\n", answer.Head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json; charset=utf-8\r\n", answer.Head, StringComparison.Ordinal);
        Assert.Equal("{\"id\":1,\"name\":\"grün\"}", Encoding.UTF8.GetString(answer.Body));
    }

    [FrontEndTheory("cgi-fcgi")]
    [CombinatorialData]
    public async Task Posts(bool unix)
    {
        var body = new byte[300_000];
        new Random(1).NextBytes(body);
        var answer = await AskAsync(unix, "POST", $"/together/{Guid.NewGuid():N}?expected=1", body);
        Assert.StartsWith("Status: 200 OK\r\n", answer.Head, StringComparison.Ordinal);
        Assert.Equal(body, answer.Body);
    }

    private async Task<(string Head, byte[] Body)> AskAsync(bool unix, string method, string target, byte[] body)
    {
        var run = await FinishedProcess.RunAsync(
            Programs.PathOf("cgi-fcgi"),
            ["-bind", "-connect", tools.AddressOf(WireProtocol.FastCgi, unix)],
            body,
            new Dictionary<string, string>
            {
                ["REQUEST_METHOD"] = method,
                ["REQUEST_URI"] = target,
                ["QUERY_STRING"] = target.Split('?', 2) is [_, var query] ? query : "",
                ["CONTENT_LENGTH"] = method == "POST" ? $"{body.Length}" : "",
                ["SERVER_PROTOCOL"] = "HTTP/1.1",
                ["HTTP_HOST"] = "localhost",
            });
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var end = run.Output.AsSpan().IndexOf("\r\n\r\n"u8);
        return (Encoding.ASCII.GetString(run.Output, 0, end + 2), run.Output[(end + 4)..]);
    }
}
