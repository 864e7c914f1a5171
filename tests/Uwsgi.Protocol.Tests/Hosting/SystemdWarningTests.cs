using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>What systemd says, it says to the whole process.</summary>
[Collection(nameof(OneAtATime))]
public class SystemdWarningTests
{
    [Fact]
    public async Task A_socket_that_systemd_should_have_handed_over_is_missed()
    {
        Environment.SetEnvironmentVariable("LISTEN_PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Environment.SetEnvironmentVariable("LISTEN_FDS", "1");
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", "app.socket");
        try
        {
            await using var app = await RunningApp.StartAsync(static _ => Task.CompletedTask, options => options.ListenSystemd("app.sokcet"));
            var warning = Assert.Single(app.Logs.Of("SystemdSocketMissing"));
            Assert.Equal(LogLevel.Warning, warning.Level);
            Assert.Contains("app.sokcet", warning.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("LISTEN_PID", null);
            Environment.SetEnvironmentVariable("LISTEN_FDS", null);
            Environment.SetEnvironmentVariable("LISTEN_FDNAMES", null);
        }

        await using var unaided = await RunningApp.StartAsync(static _ => Task.CompletedTask, options => options.ListenSystemd("app.sokcet"));
        Assert.Empty(unaided.Logs.Of("SystemdSocketMissing"));
    }
}
