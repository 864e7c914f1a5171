using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Tools;

/// <summary>One app for all tests of command lines.</summary>
public sealed class ToolsFixture : IAsyncLifetime
{
    public ContractApp App { get; private set; } = null!;

    /// <summary>Where it answers a protocol, as command lines name that.</summary>
    public string AddressOf(WireProtocol protocol, bool unix) => unix ? App[protocol].Socket : $"127.0.0.1:{App[protocol].Port}";

    public async Task InitializeAsync() => App = await ContractApp.StartAsync();

    public async Task DisposeAsync() => await App.DisposeAsync();
}
