using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A server that has been started, its own directory, and the front end before it.</summary>
internal sealed class RunningContender(Contender contender) : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private RunningProcess? _server;
    private RunningProcess? _front;

    public Target Target { get; private set; } = null!;

    public ProcessTree Server => new(_server!.Id);

    public ProcessTree? Front => _front is null ? null : new(_front.Id);

    public async Task StartAsync(Question question)
    {
        var address = contender.Unix ? ListenAddress.Unix(_directory) : ListenAddress.Tcp();
        _server = contender.Server.Start(_directory, address);
        await AcceptsAsync(_server, address);
        var protocol = contender.Server.Protocol;
        if (contender.BehindNginx)
        {
            var front = ListenAddress.Tcp();
            _front = NginxFront.Start(_directory, front, protocol, address);
            await AcceptsAsync(_front, front);
            (address, protocol) = (front, LoadProtocol.Http);
        }

        Target = new Target(address.EndPoint, protocol, contender.Use, question, contender.Server.Script);
    }

    public async ValueTask DisposeAsync()
    {
        await (_front?.DisposeAsync() ?? default);
        await (_server?.DisposeAsync() ?? default);
        _directory.Dispose();
    }

    private Task AcceptsAsync(RunningProcess process, ListenAddress address) =>
        Deadline.UntilAsync($"{contender.Name} accepts connections", () => process.HasExited
            ? throw new InvalidOperationException($"{contender.Name} ended with {process.ExitCode}.\n{process.Output}")
            : Accepting.IsAsync(address.EndPoint));
}
