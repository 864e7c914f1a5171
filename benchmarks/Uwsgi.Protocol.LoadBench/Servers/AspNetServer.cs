using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>This program again: the app over one protocol, ours or Kestrel's HTTP.</summary>
internal sealed class AspNetServer(LoadProtocol protocol, GatewayTransport transport = GatewayTransport.Direct) : IServer
{
    public string? Missing => null;

    public LoadProtocol Protocol => protocol;

    public string Script => "";

    public RunningProcess Start(TemporaryDirectory directory, ListenAddress address) => RunningProcess.Start(
        Path.Combine(AppContext.BaseDirectory, typeof(App).Assembly.GetName().Name!), App.Arguments(protocol, address, transport), directory.FullPath);
}
