using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>Requests that run, as the stats show them.</summary>
public class LiveRequestTests
{
    private static readonly GatewayTransport[] Transports =
        OperatingSystem.IsLinux() ? [GatewayTransport.Kestrel, GatewayTransport.Direct] : [GatewayTransport.Kestrel];

    public static TheoryData<GatewayProtocol, GatewayTransport> GatewayWays
    {
        get
        {
            var ways = new TheoryData<GatewayProtocol, GatewayTransport>();
            foreach (var protocol in Rules.EveryProtocolAttribute.Protocols)
            {
                Array.ForEach(Transports, transport => ways.Add(protocol, transport));
            }

            return ways;
        }
    }

    public static TheoryData<GatewayProtocol?, GatewayTransport> Ways
    {
        get
        {
            var ways = new TheoryData<GatewayProtocol?, GatewayTransport> { { null, GatewayTransport.Auto } };
            foreach (var protocol in Rules.EveryProtocolAttribute.Protocols)
            {
                Array.ForEach(Transports, transport => ways.Add(protocol, transport));
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_request_that_runs_is_shown_with_its_variables_and_when_it_began(GatewayProtocol? protocol, GatewayTransport transport)
    {
        var inside = new SyncPoint();
        await using var app = await StatsApp.StartAsync(_ => inside.MeetAsync(), transport: transport);
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var running = await app.BeginAsync(protocol, "/slow?page=2", ("User-Agent", "a browser"));
        await inside.Reached;

        var stats = await app.ReadAsync();
        var core = Assert.Single(StatsApp.CoresInUse(stats));
        var variables = StatsApp.Variables(core);
        Assert.Contains("REQUEST_METHOD=GET", variables);
        Assert.Contains("REQUEST_URI=/slow?page=2", variables);
        Assert.Contains("QUERY_STRING=page=2", variables);
        Assert.Contains("PATH_INFO=/slow", variables);
        Assert.Contains("SERVER_PROTOCOL=HTTP/1.1", variables);
        Assert.Contains("HTTP_USER_AGENT=a browser", variables);
        Assert.Contains(variables, variable => variable.StartsWith("REMOTE_ADDR=", StringComparison.Ordinal));
        Assert.Contains(variables, variable => variable.StartsWith("HTTP_HOST=", StringComparison.Ordinal));
        Assert.InRange(core.GetProperty("req_info").GetProperty("request_start").GetInt64(), before, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

        inside.Continue();
        await running.Within();
        await Eventually.TrueAsync(() => StatsApp.CoresInUse(app.ReadAsync().Result).Length == 0);
        var worker = (await app.ReadAsync()).GetProperty("workers")[0];
        Assert.Equal(1, worker.GetProperty("requests").GetInt32());
        Assert.Empty(StatsApp.Variables(worker.GetProperty("cores")[0]));
    }

    /// <summary>uWSGI's own is none then. By HTTP, Kestrel lets no such bytes in.</summary>
    [Theory]
    [MemberData(nameof(GatewayWays))]
    public async Task Whatever_bytes_a_variable_has_the_document_is_JSON(GatewayProtocol protocol, GatewayTransport transport)
    {
        const string Bytes = "\u00e9\u00ff\u00c3( \" \\ </script> \u0001\u001b[2J\u007f\u0085 \r\n\t";
        var inside = new SyncPoint();
        await using var app = await StatsApp.StartAsync(_ => inside.MeetAsync(), transport: transport);
        using var peer = await SocketPeer.ConnectAsync(app.App.EndPointOf(protocol));
        await peer.SendAsync(WithBytes(new RequestBytes(protocol).Get("/", ("X_RAW", new string('#', Bytes.Length)), ("X_\"Y", "quoted")), Bytes));
        await inside.Reached;

        var text = await app.ReadTextAsync();
        Assert.DoesNotContain(text, character => (char.IsControl(character) && character is not ('\n' or '\t')) || character == '\ufffd');
        var variables = StatsApp.Variables(StatsApp.CoresInUse(JsonDocument.Parse(text).RootElement).Single());
        Assert.Contains("X_RAW=" + Bytes, variables);
        Assert.Contains("X_\"Y=quoted", variables);
        inside.Continue();
        await peer.ReadToEndAsync();
    }

    [Theory]
    [InlineData("Cookie", "session=abc", "HTTP_COOKIE=***", "abc")]
    [InlineData("Authorization", "Basic c2VjcmV0", "HTTP_AUTHORIZATION=***", "c2VjcmV0")]
    [InlineData("Proxy-Authorization", "Basic c2VjcmV0", "HTTP_PROXY_AUTHORIZATION=***", "c2VjcmV0")]
    [InlineData("X-Api-Key", "k123", "HTTP_X_API_KEY=***", "k123")]
    [InlineData("Referer", "http://a/?x=1&Access_Token=t123&y=2", "HTTP_REFERER=http://a/?x=1&Access_Token=***&y=2", "t123")]
    public async Task Secrets_are_shown_to_those_alone_who_ask_for_them(string header, string value, string shown, string secret)
    {
        foreach (var showSecrets in new[] { false, true })
        {
            foreach (var protocol in new GatewayProtocol?[] { GatewayProtocol.Uwsgi, null })
            {
                var inside = new SyncPoint();
                await using var app = await StatsApp.StartAsync(_ => inside.MeetAsync(), options => options.ShowSecrets = showSecrets);

                // HTTP's client knows that this is no other name.
                var parameter = protocol is null ? "access_token" : "access%5ftoken";
                var running = await app.BeginAsync(protocol, $"/hub?{parameter}={secret}&id=7", (header, value));
                await inside.Reached;
                var text = await app.ReadTextAsync();
                inside.Continue();
                await running.Within();
                Assert.Equal(showSecrets, text.Contains(secret, StringComparison.Ordinal));
                var variables = StatsApp.Variables(StatsApp.CoresInUse(JsonDocument.Parse(text).RootElement).Single());
                Assert.Equal(!showSecrets, variables.Contains(shown));
                Assert.Equal(!showSecrets, variables.Contains($"QUERY_STRING={parameter}=***&id=7"));
                Assert.Equal(!showSecrets, variables.Contains($"REQUEST_URI=/hub?{parameter}=***&id=7"));
            }
        }
    }

    /// <summary>Each request's variables name it twice.</summary>
    [Theory]
    [InlineData(GatewayTransport.Kestrel)]
    [InlineData(GatewayTransport.Auto)]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task No_request_is_ever_shown_with_anothers_variables(GatewayTransport transport)
    {
        const int Count = 60;
        await using var app = await StatsApp.StartAsync(async context => await Task.Yield(), transport: transport);
        GatewayProtocol?[] protocols = [GatewayProtocol.Uwsgi, GatewayProtocol.Scgi, GatewayProtocol.FastCgi, null];
        var asking = Task.WhenAll(protocols.Select(protocol => Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await await app.BeginAsync(protocol, $"/{protocol}-{i}", ("X-Name", $"/{protocol}-{i}"));
            }
        })));

        while (!asking.IsCompleted)
        {
            foreach (var core in StatsApp.CoresInUse(await app.ReadAsync()))
            {
                var variables = StatsApp.Variables(core);
                Assert.Equal(ValueOf("REQUEST_URI"), ValueOf("HTTP_X_NAME"));

                string ValueOf(string name) => Assert.Single(variables, variable => variable.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
            }
        }

        await asking.Within();
        await app.EndedAsync(protocols.Length * Count);
        Assert.Equal(protocols.Length * Count, (await app.ReadAsync()).GetProperty("workers")[0].GetProperty("requests").GetInt32());
    }

    /// <summary>A request with other bytes where its number signs are: as many, so that every length stays right.</summary>
    private static byte[] WithBytes(byte[] request, string bytes)
    {
        var start = request.AsSpan().IndexOf((byte)'#');
        System.Text.Encoding.Latin1.GetBytes(bytes, request.AsSpan(start));
        Assert.Equal(-1, request.AsSpan().IndexOf((byte)'#'));
        return request;
    }
}
