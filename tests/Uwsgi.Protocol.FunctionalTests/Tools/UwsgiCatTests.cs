using System.Net;
using System.Net.Sockets;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Tools;

/// <summary>samples/UwsgiCat, by each of its protocols.</summary>
public sealed class UwsgiCatTests(ToolsFixture tools) : IClassFixture<ToolsFixture>
{
    // FCGI_STDOUT, FCGI_STDERR and FCGI_END_REQUEST of request 1.
    private const byte Stdout = 6;
    private const byte Stderr = 7;
    private const byte End = 3;

    [Theory]
    [CombinatorialData]
    public async Task Gets(WireProtocol protocol, bool unix)
    {
        var run = await RunAsync([tools.AddressOf(protocol, unix), "/json/1", "-i", .. OptionOf(protocol)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("200 OK\n", Encoding.UTF8.GetString(run.Output), StringComparison.Ordinal);
        Assert.EndsWith("\n\n{\"id\":1,\"name\":\"grün\"}", Encoding.UTF8.GetString(run.Output), StringComparison.Ordinal);
    }

    [Theory]
    [CombinatorialData]
    public async Task Posts(WireProtocol protocol, bool unix)
    {
        var body = new byte[300_000];
        new Random(1).NextBytes(body);
        var run = await RunAsync([tools.AddressOf(protocol, unix), $"/together/{Guid.NewGuid():N}?expected=1", "-d", "@-", .. OptionOf(protocol)], body);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(body, run.Output);
    }

    [Theory]
    [CombinatorialData]
    public async Task Takes_an_answer_without_a_length_to_its_end(WireProtocol protocol)
    {
        var run = await RunAsync([tools.AddressOf(protocol, unix: false), "/bytes/1000000?length=false", .. OptionOf(protocol)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(1_000_000, run.Output.Length);
    }

    [Theory]
    [InlineData("--scgi")]
    [InlineData("--fastcgi")]
    public async Task A_ping_is_uwsgis_alone(string protocol)
    {
        var run = await RunAsync(["127.0.0.1:1", "--ping", protocol]);
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task Shows_what_comes_by_FCGI_STDERR()
    {
        var run = await AnswerAsync([.. Record(Stderr, "careful\n"u8), .. Record(Stdout, "Status: 200 OK\r\n\r\nhello"u8), .. Record(Stdout, []), .. Record(End, new byte[8])]);
        Assert.Equal((0, "careful\n", "hello"), (run.ExitCode, run.Errors, Encoding.UTF8.GetString(run.Output)));
    }

    [Fact]
    public async Task An_answer_without_FCGI_END_REQUEST_was_cut_short()
    {
        var run = await AnswerAsync(Record(Stdout, "Status: 200 OK\r\n\r\nhello"u8));
        Assert.Equal((5, "hello"), (run.ExitCode, Encoding.UTF8.GetString(run.Output)));
        Assert.Contains("FCGI_END_REQUEST", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_shorter_than_it_said_was_cut_short()
    {
        var run = await AnswerAsync([.. Record(Stdout, "Content-Length: 6\r\n\r\nhello"u8), .. Record(Stdout, []), .. Record(End, new byte[8])]);
        Assert.Equal(5, run.ExitCode);
    }

    [Fact]
    public async Task A_request_that_is_ended_without_an_answer_has_none()
    {
        var run = await AnswerAsync(Record(End, [0, 0, 0, 0, 2, 0, 0, 0]));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("Overloaded", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_FastCGI_is_no_answer()
    {
        var run = await AnswerAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        Assert.Equal(4, run.ExitCode);
    }

    /// <summary>Asks a server that takes a whole GET by FastCGI, and answers with these bytes.</summary>
    private static async Task<FinishedProcess> AnswerAsync(byte[] answer)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();
        var asking = RunAsync([$"{server.LocalEndPoint}", "--fastcgi"]);
        using var connection = await server.AcceptAsync();
        var stdinEnd = FastCgiBytes.Record(5, 1, []);
        var request = new List<byte>();
        var buffer = new byte[4096];
        while (!request.TakeLast(stdinEnd.Length).SequenceEqual(stdinEnd))
        {
            request.AddRange(buffer.AsSpan(0, await connection.ReceiveAsync(buffer)));
        }

        await connection.SendAsync(answer);
        connection.Shutdown(SocketShutdown.Send);
        return await asking;
    }

    private static byte[] Record(byte type, ReadOnlySpan<byte> content) => FastCgiBytes.Record(type, 1, content.ToArray());

    private static string[] OptionOf(WireProtocol protocol) => protocol == WireProtocol.Uwsgi ? [] : [$"--{protocol.ToString().ToLowerInvariant()}"];

    private static Task<FinishedProcess> RunAsync(string[] arguments, byte[]? input = null) =>
        FinishedProcess.RunAsync(Programs.PathOf("dotnet"), [BuiltPrograms.UwsgiCat, .. arguments], input ?? []);
}
