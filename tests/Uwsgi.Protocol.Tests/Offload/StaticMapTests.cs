using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Offload;

/// <summary>Which paths are files, whatever server has taken the request.</summary>
public sealed class StaticMapTests : IDisposable
{
    private const string Secret = "secret";

    private readonly TemporaryDirectory _directory = new();

    public StaticMapTests()
    {
        _directory.Write("www/a.txt", "a");
        _directory.Write("www/sub/b.css", "b");
        _directory.Write("www/a b%20.txt", "space");
        _directory.Write("www/unknown.x-y", "?");
        _directory.Write("www/.env", Secret);
        _directory.Write("www/foo/x", "foo");
        _directory.Write("www-private/s.txt", Secret);
        _directory.Write("other/o.txt", "other");
        _directory.Write("icon.png", "icon");
        File.CreateSymbolicLink(_directory["www/out.txt"], _directory["www-private/s.txt"]);
        File.CreateSymbolicLink(_directory["www/in.css"], "sub/b.css");
        File.CreateSymbolicLink(_directory["www/outside"], _directory["www-private"]);
        File.CreateSymbolicLink(_directory["www/safe"], _directory["other"]);
        File.CreateSymbolicLink(_directory["current"], "www");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/static/a.txt", "a", "text/plain")]
    [InlineData("/static/sub/b.css", "b", "text/css")]
    [InlineData("/static/a b%20.txt", "space", "text/plain")]
    [InlineData("/static/unknown.x-y", "?", null)]
    [InlineData("/static/in.css", "b", "text/css")]
    [InlineData("/static/safe/o.txt", "other", "text/plain")]
    [InlineData("/linked/a.txt", "a", "text/plain")]
    [InlineData("/o.txt", "other", "text/plain")]
    [InlineData("/favicon.ico", "icon", "image/png")]
    public async Task A_file_is_served(string path, string expected, string? contentType)
    {
        using var host = await StartAsync();
        var context = await SendAsync(host, path);
        Assert.Equal((200, contentType), (context.Response.StatusCode, context.Response.ContentType));
        Assert.Equal(expected, await TextAsync(context));
    }

    [Theory]
    [Trait("Guards", "path traversal")]
    [InlineData("/static/../www-private/s.txt")]
    [InlineData("/static/../../etc/passwd")]
    [InlineData("/static/..%2fwww-private/s.txt")]
    [InlineData("/static/%2e%2e/www-private/s.txt")]
    [InlineData("/static/sub/../../www-private/s.txt")]
    [InlineData("/static//../www-private/s.txt")]
    [InlineData("/static/..\\www-private\\s.txt")]
    [InlineData("/static-private/s.txt")]
    [InlineData("/staticfoo/x")]
    [InlineData("/static/a.txt\0.png")]
    [InlineData("/static/\0")]
    [InlineData("/static//etc/passwd")]
    [InlineData("/STATIC/a.txt")]
    [InlineData("/static/A.TXT")]
    [InlineData("/static/.env")]
    [InlineData("/static/out.txt")]
    [InlineData("/static/outside/s.txt")]
    [InlineData("/static/sub")]
    [InlineData("/static/sub/")]
    [InlineData("/static/missing")]
    [InlineData("/static")]
    [InlineData("/")]
    [InlineData("/favicon.ico/x")]
    [InlineData("/www-private/s.txt")]
    public async Task What_is_no_file_of_the_directory_is_the_apps(string path)
    {
        using var host = await StartAsync();
        var context = await SendAsync(host, path);
        Assert.Equal($"app: {path}", await TextAsync(context));
    }

    /// <summary>Where a link leads to is looked at once: whoever changes it behind that look changes nothing.</summary>
    [Fact]
    [Trait("Guards", "path traversal")]
    public void A_link_is_followed_before_the_file_is_opened()
    {
        using var directory = new StaticDirectory(_directory["www"], [], Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.Equal(RealPath.Of(_directory["www/sub/b.css"]), directory.GetFileInfo("in.css").PhysicalPath);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("OPTIONS")]
    public async Task Another_method_is_the_apps(string method)
    {
        using var host = await StartAsync();
        Assert.Equal("app: /static/a.txt", await TextAsync(await SendAsync(host, "/static/a.txt", request => request.Method = method)));
    }

    [Fact]
    public async Task Conditions_and_ranges_are_those_of_ASPNET_Core()
    {
        using var host = await StartAsync();
        File.WriteAllText(_directory["www/range.txt"], "0123456789");
        var first = await SendAsync(host, "/static/range.txt");
        var tag = first.Response.Headers.ETag.ToString();
        Assert.NotEmpty(tag);
        Assert.Equal(304, (await SendAsync(host, "/static/range.txt", request => request.Headers.IfNoneMatch = tag)).Response.StatusCode);
        var part = await SendAsync(host, "/static/range.txt", request => request.Headers.Range = "bytes=2-4");
        Assert.Equal((206, "bytes 2-4/10", "234"), (part.Response.StatusCode, part.Response.Headers.ContentRange.ToString(), await TextAsync(part)));
        Assert.Equal(416, (await SendAsync(host, "/static/range.txt", request => request.Headers.Range = "bytes=10-")).Response.StatusCode);
        var head = await SendAsync(host, "/static/range.txt", request => request.Method = "HEAD");
        Assert.Equal((10L, ""), (head.Response.ContentLength, await TextAsync(head)));
    }

    [Fact]
    public async Task A_file_comes_before_an_endpoint_that_answers_everything()
    {
        using var host = await StartAsync(app =>
        {
            app.UseRouting();
            app.UseOffload(options => options.CheckStatic.Add(_directory["www"]));
            app.UseEndpoints(endpoints => endpoints.MapGet("/{**path}", (string? path) => $"endpoint: {path}"));
        });
        Assert.Equal("a", await TextAsync(await SendAsync(host, "/a.txt")));
        Assert.Equal("endpoint: b.txt", await TextAsync(await SendAsync(host, "/b.txt")));
    }

    [Fact]
    public async Task Services_alone_switch_it_on()
    {
        using var host = await StartAsync(
            static app => app.Run(static context => context.Response.WriteAsync("app")),
            services => services.AddOffload(options => options.StaticMaps.Add($"/s={_directory["www"]}")).AddOffload(options => options.OffloadThreads = 3));
        Assert.Equal("a", await TextAsync(await SendAsync(host, "/s/a.txt")));
        Assert.Equal("app", await TextAsync(await SendAsync(host, "/t/a.txt")));
        Assert.Equal(3, host.Services.GetRequiredService<IOptions<OffloadOptions>>().Value.OffloadThreads);
    }

    [Theory]
    [InlineData("a.txt", "a")]
    [InlineData("sub/../a.txt", "a")]
    [InlineData("in.css", "b")]
    public async Task XSendfile_names_a_file_below_its_directories(string name, string expected)
    {
        using var host = await StartAsync(XSendfile(_directory["www"] + "/" + name));
        var context = await SendAsync(host, "/");
        Assert.Equal((200, expected), (context.Response.StatusCode, await TextAsync(context)));
        Assert.False(context.Response.Headers.ContainsKey("X-Sendfile"));
        Assert.NotEmpty(context.Response.Headers.ETag.ToString());
        Assert.Equal(304, (await SendAsync(host, "/", request => request.Headers.IfNoneMatch = context.Response.Headers.ETag)).Response.StatusCode);
    }

    [Theory]
    [Trait("Guards", "path traversal")]
    [InlineData("www-private/s.txt")]
    [InlineData("www/../www-private/s.txt")]
    [InlineData("www/out.txt")]
    [InlineData("www/outside/s.txt")]
    [InlineData("www/missing")]
    [InlineData("www/sub")]
    [InlineData("www")]
    [InlineData("www/a.txt\0")]
    public async Task XSendfile_names_no_other(string name)
    {
        using var host = await StartAsync(XSendfile(_directory.FullPath + "/" + name));
        var context = await SendAsync(host, "/");
        Assert.Equal((404, ""), (context.Response.StatusCode, await TextAsync(context)));
        Assert.Null(context.Response.ContentLength);
        Assert.False(context.Response.Headers.ContainsKey("X-Sendfile"));
    }

    [Fact]
    [Trait("Guards", "path traversal")]
    public async Task XSendfile_names_a_file_by_its_whole_path()
    {
        using var host = await StartAsync(XSendfile(Path.GetRelativePath(Environment.CurrentDirectory, _directory["www/a.txt"])));
        Assert.Equal(404, (await SendAsync(host, "/")).Response.StatusCode);
    }

    [Fact]
    public async Task XSendfile_may_name_what_a_link_leads_to_where_links_may_lead()
    {
        using var host = await StartAsync(XSendfile(_directory["www/safe/o.txt"], options => options.StaticSafe.Add(_directory["other"])));
        Assert.Equal("other", await TextAsync(await SendAsync(host, "/")));
    }

    [Fact]
    public async Task XSendfiles_file_is_to_caches_the_same_as_that_of_a_map()
    {
        using var host = await StartAsync(XSendfile(_directory["www/a.txt"], options => options.StaticMaps.Add($"/static={_directory["www"]}")));
        var named = (await SendAsync(host, "/")).Response.Headers;
        var mapped = (await SendAsync(host, "/static/a.txt")).Response.Headers;
        Assert.Equal((mapped.ETag, mapped.LastModified), (named.ETag, named.LastModified));
        Assert.NotEmpty(named.LastModified.ToString());
    }

    [Fact]
    public async Task XSendfile_of_another_answer_than_200_names_nothing()
    {
        using var host = await StartAsync(app =>
        {
            app.UseOffload(options => options.XSendfile.Add(_directory["www"]));
            app.Run(context =>
            {
                context.Response.Headers["X-Sendfile"] = _directory["www/a.txt"];
                context.Response.StatusCode = 403;
                return Task.CompletedTask;
            });
        });
        var context = await SendAsync(host, "/");
        Assert.Equal((403, ""), (context.Response.StatusCode, await TextAsync(context)));
        Assert.False(context.Response.Headers.ContainsKey("X-Sendfile"));
    }

    [Fact]
    public async Task XSendfile_of_an_answer_that_has_begun_comes_too_late()
    {
        using var host = await StartAsync(app =>
        {
            app.UseOffload(options => options.XSendfile.Add(_directory["www"]));
            app.Run(context =>
            {
                context.Response.Headers["X-Sendfile"] = _directory["www/a.txt"];
                return context.Response.WriteAsync("the app's");
            });
        });
        Assert.Equal("the app's", await TextAsync(await SendAsync(host, "/")));
    }

    [Fact]
    public async Task XSendfile_is_the_front_ends_where_nobody_has_asked_for_it()
    {
        using var host = await StartAsync(app =>
        {
            app.UseOffload();
            app.Run(context =>
            {
                context.Response.Headers["X-Sendfile"] = "/srv/file";
                return Task.CompletedTask;
            });
        });
        Assert.Equal("/srv/file", (await SendAsync(host, "/")).Response.Headers["X-Sendfile"]);
    }

    [Theory]
    [InlineData("static=www")]
    [InlineData("/static")]
    [InlineData("/static=")]
    [InlineData("=www")]
    public async Task A_map_that_is_none_stops_the_start(string map)
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => StartAsync(app => app.UseOffload(options => options.StaticMaps.Add(map))));
        Assert.Contains(map, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_stops_the_start() =>
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => StartAsync(app => app.UseOffload(options => options.StaticMaps.Add("/static=nowhere"))));

    [Fact]
    public void Options_that_make_no_sense_are_refused_at_once()
    {
        var options = new OffloadOptions();
        Assert.Throws<ArgumentOutOfRangeException>(() => options.OffloadThreads = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.OffloadThreads = 1025);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.IdleTimeout = TimeSpan.Zero);
        options.IdleTimeout = Timeout.InfiniteTimeSpan;
        Assert.Equal(TimeSpan.MaxValue, options.IdleTimeout);
    }

    private static async Task<string> TextAsync(HttpContext context) => await new StreamReader(context.Response.Body).ReadToEndAsync();

    private static Task<HttpContext> SendAsync(IHost host, string path, Action<HttpRequest>? configure = null) =>
        host.GetTestServer().SendAsync(context =>
        {
            context.Request.Method = "GET";
            context.Request.Path = new PathString(path);
            configure?.Invoke(context.Request);
        });

    private Action<IApplicationBuilder> XSendfile(string path, Action<OffloadOptions>? configure = null) => app =>
    {
        app.UseOffload(options =>
        {
            options.XSendfile.Add(_directory["www"]);
            configure?.Invoke(options);
        });
        app.Run(context =>
        {
            context.Response.Headers["X-Sendfile"] = path;

            // That of what the app would have sent.
            context.Response.ContentLength = 1000;
            return Task.CompletedTask;
        });
    };

    private Task<IHost> StartAsync() => StartAsync(app =>
    {
        app.UseOffload(options =>
        {
            options.CheckStatic.Add(_directory["other"]);
            options.StaticMaps.Add($"/static={_directory["www"]}");
            options.StaticMaps.Add($"/linked/={_directory["current"]}");
            options.StaticMaps.Add($"/favicon.ico={_directory["icon.png"]}");
            options.StaticSafe.Add(_directory["other"]);
        });
        app.Run(static context => context.Response.WriteAsync($"app: {context.Request.Path.Value}"));
    });

    private static async Task<IHost> StartAsync(Action<IApplicationBuilder> configure, Action<IServiceCollection>? configureServices = null)
    {
        var host = new HostBuilder().ConfigureWebHost(web => web.UseTestServer().Configure(configure).ConfigureServices(services =>
        {
            services.AddRouting();
            configureServices?.Invoke(services);
        })).Build();
        await host.StartAsync();
        return host;
    }
}
