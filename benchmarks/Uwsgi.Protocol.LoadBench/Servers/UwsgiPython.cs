using System.Globalization;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>uWSGI with a Python function, one process.</summary>
internal sealed class UwsgiPython : IServer
{
    private const string Plugins = "/usr/lib/uwsgi/plugins";
    private const int Backlog = 1024;

    public string? Missing => !Programs.Has("uwsgi") ? "uwsgi" : File.Exists($"{Plugins}/python3_plugin.so") ? null : "uwsgi-plugin-python3";

    public LoadProtocol Protocol => LoadProtocol.Uwsgi;

    public string Script => "";

    public RunningProcess Start(TemporaryDirectory directory, ListenAddress address) => RunningProcess.Start(
        Programs.PathOf("uwsgi"),
        [
            "--plugins-dir", Plugins, "--plugin", "python3", "--uwsgi-socket", address.Text, "--listen", SystemBacklog().ToString(CultureInfo.InvariantCulture),
            "--wsgi-file", Path.Combine(AppContext.BaseDirectory, "Peers", "hello.py"), "--need-app", "--processes", "1", "--disable-logging", "--die-on-term",
        ],
        directory.FullPath);

    // More than the system allows, and it does not start.
    private static int SystemBacklog() =>
        Math.Min(Backlog, int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), CultureInfo.InvariantCulture));
}
