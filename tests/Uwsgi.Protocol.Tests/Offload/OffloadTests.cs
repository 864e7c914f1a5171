using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;

namespace Uwsgi.Protocol.Tests.Offload;

/// <summary>Files that leave behind their requests.</summary>
public sealed class OffloadTests : IDisposable
{
    private const int Much = 8 * 1024 * 1024;
    private const int MaxUnread = 64 * 1024;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<OffloadRuntime> _offloads = [];

    public void Dispose()
    {
        _offloads.ForEach(offload => offload.Dispose());
        _directory.Dispose();
    }

    [Theory]
    [EveryProtocol(1)]
    [EveryProtocol(2000)]
    [EveryProtocol(122_880)]
    [EveryProtocol(122_881)]
    [EveryProtocol(5_000_000)]
    public async Task The_file_comes_whole(GatewayProtocol protocol, int length)
    {
        var content = Create(length);
        await using var server = Serve(protocol, SendAsync);
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get()));
        Assert.Equal((200, $"{length}"), (received.Status, received["Content-Length"]));
        AssertSame(content, Body(received));
        Assert.Equal(1, server.Gateway.Runtime.Metrics.OffloadedRequests);
        Assert.Equal(0, server.Meters.Sum("uwsgi_protocol.offload.active"));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_part_of_it_behind_what_the_app_has_written_comes_too(GatewayProtocol protocol)
    {
        var content = Create(1_000_000);
        await using var server = Serve(protocol, async context =>
        {
            context.Response.ContentLength = 6 + 700_000;
            await context.Response.WriteAsync("before");
            await Task.Yield();
            await context.Response.SendFileAsync(_directory["file"], 200_000, 700_000);
        });
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get()));
        AssertSame([.. "before"u8, .. content.AsSpan(200_000, 700_000)], Body(received));
        Assert.Equal(1, server.Gateway.Runtime.Metrics.OffloadedRequests);
    }

    [Theory]
    [EveryProtocol]
    public async Task What_is_not_the_end_of_the_body_is_sent_in_its_request(GatewayProtocol protocol)
    {
        var content = Create(300_000);
        await using var server = Serve(protocol, async context =>
        {
            context.Response.ContentLength = content.Length + 5;
            await context.Response.SendFileAsync(_directory["file"]);
            await context.Response.WriteAsync("after");
        });
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get()));
        AssertSame([.. content, .. "after"u8], Body(received));
        Assert.Equal(0, server.Gateway.Runtime.Metrics.OffloadedRequests);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_reader_that_stalls_takes_the_place_of_no_request(GatewayProtocol protocol)
    {
        var content = Create(Much);
        var ended = new TaskCompletionSource();
        await using var server = Serve(protocol, context => context.Request.Path == "/file" ? SendAsync(context) : context.Response.WriteAsync("hello"));
        server.Options.Limits.MaxConcurrentRequests = 1;
        server.Application.Disposed = (context, _) => ended.TrySetResult();
        var stalled = server.Connect(server.Requests.Get("/file"), MaxUnread);
        await ended.Task.Within();
        await Eventually.TrueAsync(() => stalled.IsBehind);
        for (var i = 0; i < 100; i++)
        {
            // The place is free a moment after its request has ended.
            await Eventually.TrueAsync(() => server.Gateway.Runtime.TryEnterRequest());
            server.Gateway.Runtime.LeaveRequest();
            Assert.Equal("hello", server.Requests.Answer(await server.AskAsync(server.Requests.Get())).Body);
        }

        Assert.Equal(1, server.Meters.Sum("uwsgi_protocol.offload.active"));
        AssertSame(content, Body(server.Requests.Answer(await stalled.ReadToEndAsync())));
    }

    [Theory]
    [EveryProtocol]
    public async Task The_request_has_ended_in_order_before_its_file(GatewayProtocol protocol)
    {
        Create(Much);
        var steps = new List<string>();
        var token = CancellationToken.None;
        await using var server = Serve(protocol, async context =>
        {
            token = context.RequestAborted;
            context.Response.OnCompleted(() =>
            {
                steps.Add("completed");
                return Task.CompletedTask;
            });
            await SendAsync(context);
            steps.Add("sent");
        });
        var ended = new TaskCompletionSource();
        server.Application.Disposed = (_, e) =>
        {
            steps.Add(e?.Message ?? "disposed");
            ended.SetResult();
        };
        var connection = server.Connect(server.Requests.Get(), MaxUnread);
        await ended.Task.Within();
        Assert.Equal(["sent", "completed", "disposed"], steps);

        // What becomes of the file is nothing of the request's.
        connection.Reset();
        await connection.Execution.Within();
        Assert.False(token.IsCancellationRequested);
    }

    [Theory]
    [EveryProtocol]
    public async Task An_app_that_goes_on_behind_its_response_keeps_nobody_waiting(GatewayProtocol protocol)
    {
        Create(1_000_000);
        var work = new SyncPoint();
        await using var server = Serve(protocol, async context =>
        {
            await SendAsync(context);
            await context.Response.CompleteAsync();
            await work.MeetAsync();
        });
        var connection = server.Connect(server.Requests.Get());
        await work.Reached;
        if (connection.HasDirectOutput)
        {
            Assert.Equal(1_000_000, Body(server.Requests.Answer(await connection.ReadToEndAsync())).Length);
        }
        else
        {
            await Eventually.TrueAsync(() => connection.Flushed > 1_000_000);
        }

        Assert.False(connection.Execution.IsCompleted);
        work.Continue();
        await connection.Execution.Within();
    }

    [Theory]
    [EveryProtocol]
    public async Task A_reader_that_takes_nothing_in_its_time_is_cut_off(GatewayProtocol protocol)
    {
        Create(Much);
        await using var server = Serve(protocol, SendAsync, options => options.IdleTimeout = TimeSpan.FromSeconds(60));
        var connection = server.Run(TestTransport.Open("C", MaxUnread, isTcp: true), server.Requests.Get());
        await Eventually.TrueAsync(() => connection.IsBehind);
        await Eventually.TrueAsync(() =>
        {
            server.Time.Advance(TimeSpan.FromSeconds(61));
            return connection.IsAborted;
        });

        // Pipes do not end by themselves what waits for the peer, as a socket does.
        connection.Reset();
        await connection.Execution.Within();
        Assert.Equal("OffloadIdle", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
        Assert.Contains("OffloadOptions.IdleTimeout", Assert.Single(server.Logs.Of("ReaderIdle")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_reader_that_takes_a_little_now_and_then_is_waited_for(GatewayProtocol protocol)
    {
        var content = Create(Much);
        await using var server = Serve(protocol, SendAsync, options => options.IdleTimeout = TimeSpan.FromSeconds(60));
        var connection = server.Connect(server.Requests.Get(), MaxUnread);
        await Eventually.TrueAsync(() => connection.IsBehind);
        var received = new List<byte>();
        var taken = 0L;
        for (var i = 0; i < 12; i++)
        {
            // More than half of what may be unread: less may open no window.
            while (received.Count < (i + 1) * 2 * MaxUnread)
            {
                received.AddRange(await connection.ReadAsync(1));
            }

            // The server may see it a moment later.
            await Eventually.TrueAsync(() => connection.IsBehind && connection.Taken > taken);
            taken = connection.Taken;
            server.Time.Advance(TimeSpan.FromSeconds(59));
        }

        received.AddRange((await connection.ReadToEndAsync()).Bytes);
        AssertSame(content, Body(server.Requests.Answer(new Received([.. received], IsReset: false))));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_file_that_becomes_shorter_ends_in_a_way_that_can_be_seen(GatewayProtocol protocol)
    {
        Create(Much);
        await using var server = Serve(protocol, SendAsync);
        server.Logs.Expect("FileTooShort");
        var connection = server.Run(TestTransport.Open("C", MaxUnread, isTcp: true), server.Requests.Get());
        await Eventually.TrueAsync(() => connection.IsBehind);
        using (var file = File.OpenHandle(_directory["file"], access: FileAccess.Write, share: FileShare.ReadWrite))
        {
            RandomAccess.SetLength(file, Much / 2);
        }

        var received = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.True(received.IsReset || connection.IsAborted);
        Assert.InRange(received.Bytes.Length, 0, Much - 1);
        Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"));
        Assert.Equal(0, server.Meters.Sum("uwsgi_protocol.offload.active"));
    }

    [Fact]
    public async Task Beside_files_the_requests_of_a_FastCGI_connection_go_on_and_no_record_is_torn()
    {
        var content = Create(Much);
        await using var server = Serve(
            GatewayProtocol.FastCgi, context => context.Request.Path == "/file" ? SendAsync(context) : context.Response.WriteAsync(context.Request.Path));
        server.Options.Limits.MaxConcurrentRequests = 1;
        var peer = new FastCgiPeer(server.Connect(FastCgiPackets.Get(1, "/file"), MaxUnread));
        await Eventually.TrueAsync(() => peer.Connection.IsBehind && server.Gateway.Runtime.TryEnterRequest());
        server.Gateway.Runtime.LeaveRequest();
        await peer.SendAsync(FastCgiPackets.Get(2, "/file"));
        await Eventually.TrueAsync(() => server.Gateway.Runtime.Metrics.OffloadedRequests == 2 && server.Gateway.Runtime.TryEnterRequest());

        // An answer counts as sent with what of the files stands behind it: its place is free when the peer has taken that too.
        server.Options.Limits.MaxConcurrentRequests = null;
        server.Gateway.Runtime.LeaveRequest();
        for (var id = 3; id <= 20; id++)
        {
            await peer.SendAsync(FastCgiPackets.Get(id, $"/{id}"));
            var answer = await peer.AnswerAsync(id);
            Assert.Equal((true, $"/{id}"), (answer.IsComplete, answer.Body));
        }

        Assert.DoesNotContain(peer.Records, record => record.Type == FastCgiRecord.EndRequest);
        foreach (var id in (int[])[1, 2])
        {
            var file = await peer.AnswerAsync(id);
            Assert.True(file.IsComplete);
            AssertSame(content, Body(file.Response));
        }

        Assert.Equal("/again", (await peer.AskAsync(1, FastCgiPackets.Get(1, "/again"))).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_request_that_the_front_end_aborts_while_its_file_is_sent_ends_and_leaves_the_connection()
    {
        Create(Much);
        await using var server = Serve(
            GatewayProtocol.FastCgi, context => context.Request.Path == "/file" ? SendAsync(context) : context.Response.WriteAsync("hello"));
        var peer = new FastCgiPeer(server.Connect(FastCgiPackets.Get(1, "/file"), MaxUnread));
        await Eventually.TrueAsync(() => peer.Connection.IsBehind);
        await peer.SendAsync(FastCgiPackets.Abort(1));
        await Eventually.TrueAsync(() => peer.Connection.IsLookedAt);
        var cut = await peer.AnswerAsync(1);
        Assert.InRange(cut.Response.Bytes.Length, 1, Much - 1);
        Assert.Equal("hello", (await peer.AskAsync(1, FastCgiPackets.Get(1))).Body);
        await peer.CloseAsync();
    }

    [Theory]
    [EveryProtocol(null, "X-Accel-Redirect", "/internal/a%20b%25.txt")]
    [EveryProtocol("nginx/1.22.1", "X-Accel-Redirect", "/internal/a%20b%25.txt")]
    [EveryProtocol("lighttpd/1.4.69", "X-Sendfile", "{directory}/a%20b%25.txt")]
    [EveryProtocol("Apache/2.4.62 (Debian)", "X-Sendfile", "{directory}/a b%.txt")]
    [EveryProtocol("Caddy/v2.6.2", null, null)]
    public async Task A_front_end_that_sends_files_is_told_their_names_and_no_other(GatewayProtocol protocol, string? software, string? header, string? value)
    {
        if (header == "X-Sendfile" && protocol == GatewayProtocol.FastCgi && software!.StartsWith("lighttpd", StringComparison.Ordinal))
        {
            header = "X-LIGHTTPD-send-file";
        }

        var content = Create(100);
        File.Move(_directory["file"], _directory["a b%.txt"]);
        await using var server = Serve(
            protocol,
            context =>
            {
                // A part of it, as the app understands the request: the front end reads that itself.
                context.Response.StatusCode = 206;
                context.Response.Headers.ContentRange = "bytes 10-19/100";
                context.Response.ContentType = "text/plain";
                context.Response.ContentLength = 10;
                return context.Response.SendFileAsync(_directory["a b%.txt"], 10, 10);
            },
            options =>
            {
                options.XAccelRedirect[_directory.FullPath] = "/internal";
                options.FrontEndXSendfile.Add(_directory.FullPath);
            });
        var variables = software is null ? [] : new[] { ("SERVER_SOFTWARE", software) };
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get("/", variables)));
        Assert.Equal("text/plain", received["Content-Type"]);
        if (header is null)
        {
            Assert.Equal((206, "bytes 10-19/100"), (received.Status, received["Content-Range"]));
            Assert.Equal(content[10..20], Body(received));
            return;
        }

        Assert.Equal((200, null, ""), (received.Status, received["Content-Range"], received.Body));
        Assert.Equal(value!.Replace("{directory}", _directory.FullPath, StringComparison.Ordinal), received[header]);
    }

    [Theory]
    [EveryProtocol("nginx/1.22.1", "fil")]
    [EveryProtocol("lighttpd/1.4.69", "fil")]
    [EveryProtocol("Apache/2.4.62 (Debian)", "fil")]

    // A header takes no such characters.
    [EveryProtocol("Apache/2.4.62 (Debian)", "\u00fc")]
    public async Task A_file_elsewhere_is_not_the_front_ends(GatewayProtocol protocol, string software, string directory)
    {
        var content = Create(100);
        Directory.CreateDirectory(_directory[directory]);
        File.Copy(_directory["file"], _directory[$"{directory}/file"]);
        var path = directory == "fil" ? _directory["file"] : _directory[$"{directory}/file"];
        await using var server = Serve(protocol, context => context.Response.SendFileAsync(path), options =>
        {
            options.XAccelRedirect[_directory[directory]] = "/internal";
            options.FrontEndXSendfile.Add(_directory[directory]);
        });
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get("/", ("SERVER_SOFTWARE", software))));
        Assert.Equal(content, Body(received));
        Assert.Null(received["X-Sendfile"] ?? received["X-LIGHTTPD-send-file"] ?? received["X-Accel-Redirect"]);
    }

    [Theory]
    [EveryProtocol("nginx/1.22.1", "X-Accel-Redirect")]
    [EveryProtocol("Apache/2.4.62 (Debian)", "X-Sendfile")]
    public async Task What_the_front_end_sends_is_below_the_apps_content_root(GatewayProtocol protocol, string software, string header)
    {
        Create(100);
        _directory.Write("files/one", "1");
        await using var server = Serve(protocol, context => context.Response.SendFileAsync(_directory["files/one"]), options =>
        {
            options.XAccelRedirect["files"] = "/internal";
            options.FrontEndXSendfile.Add("files");
        });
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get("/", ("SERVER_SOFTWARE", software))));
        Assert.Equal(header == "X-Sendfile" ? _directory["files/one"] : "/internal/one", received[header]);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_response_that_has_begun_is_not_the_front_ends(GatewayProtocol protocol)
    {
        var content = Create(100);
        await using var server = Serve(protocol, async context =>
        {
            await context.Response.WriteAsync("before");
            await context.Response.SendFileAsync(_directory["file"]);
        }, options => options.XAccelRedirect[_directory.FullPath] = "/internal");
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get()));
        Assert.Equal([.. "before"u8, .. content], Body(received));
    }

    [Theory]
    [EveryProtocol]
    public async Task With_no_threads_files_are_sent_in_their_requests(GatewayProtocol protocol)
    {
        var content = Create(1_000_000);
        await using var server = Serve(protocol, SendAsync, options => options.OffloadThreads = 0);
        AssertSame(content, Body(server.Requests.Answer(await server.AskAsync(server.Requests.Get()))));
        Assert.Equal(0, server.Gateway.Runtime.Metrics.OffloadedRequests);
    }

    [Theory]
    [EveryProtocol]
    public async Task Many_readers_that_stall_cost_no_threads(GatewayProtocol protocol)
    {
        const int Count = 60;
        var content = Create(Much);
        await using var server = Serve(protocol, SendAsync);
        var connections = Enumerable.Range(0, Count).Select(_ => server.Connect(server.Requests.Get(), MaxUnread)).ToArray();
        await Eventually.TrueAsync(() => connections.All(connection => connection.IsBehind));
        Assert.Equal(Count, server.Meters.Sum("uwsgi_protocol.offload.active"));
        if (OperatingSystem.IsLinux() && connections[0] is IDirectConnection)
        {
            // Others run beside this one, with a thread of their own each.
            Assert.InRange(Threads("uwsgi offload"), 1, 20);
        }

        foreach (var connection in connections)
        {
            AssertSame(content, Body(server.Requests.Answer(await connection.ReadToEndAsync())));
        }
    }

    private static void AssertSame(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.AsSpan().SequenceEqual(actual));
    }

    private static int Threads(string name) => Directory.EnumerateDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() == name;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    });

    private static byte[] Body(Received received) => received.Bytes[(received.Head.Length + 4)..];

    private InMemoryServer Serve(GatewayProtocol protocol, RequestDelegate app, Action<OffloadOptions>? configure = null)
    {
        var options = new OffloadOptions();
        configure?.Invoke(options);
        InMemoryServer? server = null;
        OffloadRuntime? offload = null;
        return server = InMemoryServer.Of(protocol, context =>
        {
            lock (_offloads)
            {
                if (offload is null)
                {
                    offload = new OffloadRuntime(options, _directory.FullPath, server!.Logs.CreateFactory());
                    _offloads.Add(offload);
                }
            }

            return new OffloadMiddleware(app, offload).InvokeAsync(context);
        });
    }

    private Task SendAsync(HttpContext context)
    {
        context.Response.ContentLength = new FileInfo(_directory["file"]).Length;
        return context.Response.SendFileAsync(_directory["file"]);
    }

    private byte[] Create(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(_directory["file"], content);
        return content;
    }
}
