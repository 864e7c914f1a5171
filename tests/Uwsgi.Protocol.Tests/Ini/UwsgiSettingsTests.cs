using System.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>Each of uWSGI's settings is an option of ours, in its unit, and none of the others.</summary>
public sealed class UwsgiSettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("listen = 77", "UwsgiProtocolOptions.Backlog=77 SocketTransportOptions.Backlog=77")]
    [InlineData("chmod-socket = 600", "UwsgiProtocolOptions.UnixSocket.Mode=UserWrite, UserRead")]
    [InlineData("chown-socket = me:us", "UwsgiProtocolOptions.UnixSocket.Group=us UwsgiProtocolOptions.UnixSocket.Owner=me")]
    [InlineData("chown-socket = :us", "UwsgiProtocolOptions.UnixSocket.Group=us")]
    [InlineData("vacuum = false", "UwsgiProtocolOptions.UnixSocket.RemoveAtStop=False")]
    [InlineData("buffer-size = 1", "UwsgiProtocolOptions.Limits.MaxRequestVariablesSize=1")]
    [InlineData("buffer-size = 16777216", "UwsgiProtocolOptions.Limits.MaxRequestVariablesSize=16777216")]
    [InlineData("max-vars = 20", "UwsgiProtocolOptions.Limits.MaxRequestVariableCount=20")]
    [InlineData("socket-timeout = 9", "UwsgiProtocolOptions.Limits.RequestHeadTimeout=00:00:09")]
    [InlineData("limit-post = 7", "KestrelServerLimits.MaxRequestBodySize=7")]
    [InlineData("limit-post = 0", "KestrelServerLimits.MaxRequestBodySize=")]
    [InlineData("harakiri = 0\nharakiri-verbose", "")]
    [InlineData("harakiri = 86400", "HarakiriOptions.Timeout=1.00:00:00")]
    [InlineData("harakiri = 5\nharakiri-graceful-timeout = 3", "HarakiriOptions.Grace=00:00:03 HarakiriOptions.Timeout=00:00:05")]
    [InlineData("harakiri = 5\nharakiri-verbose", "HarakiriOptions.Timeout=00:00:05 HarakiriOptions.Verbose=True")]
    [InlineData("stats = 127.0.0.1:0\nstats-http", "UwsgiStatsOptions.Addresses=127.0.0.1:0 UwsgiStatsOptions.Http=True")]
    [InlineData("stats = 127.0.0.1:0\nstats-min", "UwsgiStatsOptions.Addresses=127.0.0.1:0 UwsgiStatsOptions.Minified=True")]
    [InlineData("stats = 127.0.0.1:0\nstats-no-cores", "UwsgiStatsOptions.Addresses=127.0.0.1:0 UwsgiStatsOptions.ShowCores=False")]
    [InlineData("offload-threads = 0", "")]
    [InlineData("offload-threads = 1024", "OffloadOptions.OffloadThreads=1024")]
    [InlineData("check-static = /srv", "OffloadOptions.CheckStatic=/srv")]
    [InlineData("check-static = /srv\nstatic-safe = /safe", "OffloadOptions.CheckStatic=/srv OffloadOptions.StaticSafe=/safe")]
    [InlineData("static-map = /a=/srv\nstatic-map = /b=/srv", "OffloadOptions.StaticMaps=/a=/srv, /b=/srv")]
    [InlineData("check-static = /srv\nfile-serve-mode = nginx", "OffloadOptions.CheckStatic=/srv OffloadOptions.XAccelRedirect=[/srv, /srv/]")]
    [InlineData("check-static = /srv\nfile-serve-mode = xsendfile", "OffloadOptions.CheckStatic=/srv OffloadOptions.FrontEndXSendfile=/srv")]
    [InlineData("log-format = %(uri)", "UwsgiRequestLogOptions.Format=%(uri)")]
    [InlineData("logto = /var/log/a", "UwsgiRequestLogOptions.File=/var/log/a")]
    [InlineData("req-logger = file:/var/log/a", "UwsgiRequestLogOptions.File=/var/log/a")]
    [InlineData("disable-logging", "")]
    [InlineData("disable-logging\nlog-4xx", "UwsgiRequestLogOptions.Log4xx=True UwsgiRequestLogOptions.LogAll=False")]
    [InlineData("log-5xx", "UwsgiRequestLogOptions.Log5xx=True")]
    [InlineData("log-zero", "UwsgiRequestLogOptions.LogEmpty=True")]
    [InlineData("log-ioerror", "UwsgiRequestLogOptions.LogErrors=True")]
    [InlineData("log-slow = 250", "UwsgiRequestLogOptions.LogSlowerThan=00:00:00.2500000")]
    [InlineData("log-big = 1000", "UwsgiRequestLogOptions.LogLargerThan=1000")]
    [InlineData("log-micros", "UwsgiRequestLogOptions.UseMicroseconds=True")]
    [InlineData("log-x-forwarded-for", "UwsgiRequestLogOptions.UseForwardedFor=True")]
    [InlineData("log-date = %%Y", "")]
    [InlineData("log-date = %%Y\nlog-format-strftime", "UwsgiRequestLogOptions.TimeFormat=%Y")]
    public async Task A_line_is_its_option_and_no_other(string lines, string expected)
    {
        var without = await OptionsAsync("");
        Assert.Equal(expected, string.Join(' ', (await OptionsAsync(lines)).Except(without)));
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The options of an app with these lines, which does not start.</summary>
    private async Task<string[]> OptionsAsync(string lines)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddUwsgiIni(_directory.Write("main.ini", $"[uwsgi]\n{lines}"));
        builder.WebHost.UseUwsgiProtocol(builder.Configuration);
        await using var app = builder.Build();
        return
        [
            .. Show(nameof(UwsgiProtocolOptions), ValueOf<UwsgiProtocolOptions>()),
            .. Show(nameof(SocketTransportOptions), ValueOf<SocketTransportOptions>()),
            .. Show(nameof(KestrelServerLimits), ValueOf<KestrelServerOptions>().Limits),
            .. Show(nameof(HarakiriOptions), ValueOf<HarakiriOptions>()),
            .. Show(nameof(UwsgiStatsOptions), ValueOf<UwsgiStatsOptions>()),
            .. Show(nameof(OffloadOptions), ValueOf<OffloadOptions>()),
            .. Show(nameof(UwsgiRequestLogOptions), ValueOf<UwsgiRequestLogOptions>()),
        ];

        T ValueOf<T>()
            where T : class => app.Services.GetRequiredService<IOptions<T>>().Value;
    }

    private static IEnumerable<string> Show(string name, object options) =>
        from property in options.GetType().GetProperties().OrderBy(static property => property.Name, StringComparer.Ordinal)
        let value = property.GetValue(options)
        from shown in value switch
        {
            UwsgiProtocolLimits or UnixSocketOptions => Show($"{name}.{property.Name}", value),
            IEnumerable and not string => [$"{name}.{property.Name}={string.Join(", ", ((IEnumerable)value).Cast<object>())}"],
            _ => [$"{name}.{property.Name}={value}"],
        }
        select shown;
}
