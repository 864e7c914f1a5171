using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>php-fpm, a worker for each processor. A worker is its connection's alone, so connections are not kept.</summary>
internal sealed class PhpFpm : IServer
{
    // Debian's names have the version in them.
    private readonly string? _program = Directory.EnumerateFiles("/usr/sbin", "php-fpm*").Order().LastOrDefault();

    public string? Missing => _program is null ? "php-fpm" : null;

    public LoadProtocol Protocol => LoadProtocol.FastCgi;

    public string Script { get; } = Path.Combine(AppContext.BaseDirectory, "Peers", "hello.php");

    public RunningProcess Start(TemporaryDirectory directory, ListenAddress address)
    {
        var user = Environment.IsPrivilegedProcess ? "user = root\ngroup = root\n" : "";
        var configuration = directory.Write("php-fpm.conf", $"""
            [global]
            error_log = {directory["error.log"]}
            [www]
            {user}listen = {address.Text}
            listen.backlog = 1024
            pm = static
            pm.max_children = {Environment.ProcessorCount}

            """);
        string[] arguments = ["--nodaemonize", "--fpm-config", configuration];
        return RunningProcess.Start(_program!, Environment.IsPrivilegedProcess ? [.. arguments, "--allow-to-run-as-root"] : arguments, directory.FullPath);
    }
}
