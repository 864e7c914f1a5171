using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.Offload;

/// <summary>Files of an app on real sockets, whichever way they are asked for.</summary>
public sealed class OffloadHostTests : IDisposable
{
    private const string Name = "a b%20.txt";
    private const string Target = "a%20b%2520.txt";

    private readonly TemporaryDirectory _directory = new();
    private readonly string _content = string.Concat(Enumerable.Range(0, 100_000).Select(static i => (char)('a' + (i % 26))));

    public OffloadHostTests()
    {
        _directory.Write($"files/{Name}", _content);
        _directory.Write("files-private/s.txt", "secret");
        File.CreateSymbolicLink(_directory["files/out.txt"], _directory["files-private/s.txt"]);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [EveryWay("/static", OverHttp = true)]
    [EveryWay("", OverHttp = true)]
    [EveryWay("/named", OverHttp = true)]
    [EveryWay("/result", OverHttp = true)]
    public async Task A_file_is_sent_whole_in_part_and_not_again(GatewayProtocol? protocol, GatewayTransport transport, string prefix)
    {
        await using var app = await StartAsync(protocol, transport);
        var whole = await app.AskAsync(protocol, $"{prefix}/{Target}");
        Assert.Equal((200, $"{_content.Length}", "text/plain"), (whole.Status, whole["Content-Length"], whole["Content-Type"]));
        Assert.Null(whole["X-Sendfile"]);
        Assert.Equal(_content, whole.Body);

        var part = await app.AskAsync(protocol, $"{prefix}/{Target}", ("Range", "bytes=10-89999"));
        Assert.Equal((206, $"bytes 10-89999/{_content.Length}"), (part.Status, part["Content-Range"]));
        Assert.Equal(_content[10..90_000], part.Body);

        Assert.Equal(304, (await app.AskAsync(protocol, $"{prefix}/{Target}", ("If-None-Match", whole["ETag"]!))).Status);
        Assert.Equal(416, (await app.AskAsync(protocol, $"{prefix}/{Target}", ("Range", "bytes=100000-"))).Status);
    }

    [Theory]
    [Trait("Guards", "path traversal")]
    [EveryWay(OverHttp = true)]
    public async Task What_is_no_file_of_the_directory_is_the_apps(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(protocol, transport);
        foreach (var target in (string[])
            ["/staticfoo", "/static-private/s.txt", "/static/out.txt", "/static/none", "/STATIC/" + Target, "/static/%2e%2e/files-private/s.txt", "/static/..%2ffiles-private/s.txt", "/out.txt"])
        {
            var answer = await app.AskAsync(protocol, target);
            Assert.Equal((200, "the app"), (answer.Status, answer.Body));
        }

        Assert.Equal(404, (await app.AskAsync(protocol, "/named/out.txt")).Status);
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task Where_the_front_end_sends_files_it_is_told_their_names_and_HTTP_is_not(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(protocol, transport, options => options.XAccelRedirect[_directory["files"]] = "/internal");
        foreach (var prefix in (string[])["/static", "", "/named", "/result"])
        {
            var answer = await app.AskAsync(protocol, $"{prefix}/{Target}");
            Assert.Equal(
                protocol is null ? (200, null, _content) : (200, "/internal/" + Target, ""),
                (answer.Status, answer["X-Accel-Redirect"], answer.Body));
        }
    }

    private Task<RunningApp> StartAsync(GatewayProtocol? protocol, GatewayTransport transport, Action<OffloadOptions>? configure = null) => RunningApp.StartAsync(
        protocol,
        transport,
        app =>
        {
            app.UseOffload(options =>
            {
                options.StaticMaps.Add($"/static={_directory["files"]}");
                options.CheckStatic.Add(_directory["files"]);
                options.XSendfile.Add(_directory["files"]);
                configure?.Invoke(options);
            });
            app.MapGet("/named/{name}", (string name, HttpResponse response) =>
            {
                response.Headers["X-Sendfile"] = _directory["files/" + name];
            });
            app.MapGet("/result/{name}", (string name) =>
                Results.File(_directory["files/" + name], "text/plain", entityTag: new("\"one\""), enableRangeProcessing: true));
            app.MapGet("/{**path}", static () => "the app");
        });
}
