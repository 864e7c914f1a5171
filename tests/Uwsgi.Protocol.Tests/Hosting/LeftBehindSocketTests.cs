using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>What an app leaves behind on a real connection.</summary>
public class LeftBehindSocketTests
{
    [Theory]
    [MemberData(nameof(SocketEndTests.Transports), MemberType = typeof(SocketEndTests))]
    public async Task A_read_left_behind_on_a_socket_does_not_take_the_answer_with_it(string transport)
    {
        Task<int>? left = null;
        await using var app = await SocketEndTests.StartAsync(transport, async context =>
        {
            left = context.Request.Body.ReadAsync(new byte[5]).AsTask();
            await Task.WhenAny(left, Task.CompletedTask);
            await context.Response.WriteAsync("done");
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.PostHead(10));
        await Eventually.TrueAsync(() => left is { IsCompleted: true });
        await peer.SendAsync(new byte[10]);
        var received = await peer.ReadToEndAsync();
        Assert.Equal("done", received.Body);
        Assert.False(received.IsReset);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left!.Within());
        peer.EndInput();
        await Eventually.TrueAsync(() => app.Logs.Of("ConnectionEnded").Any());
        app.Logs.VerifyNoErrors();
    }

    [Theory]
    [MemberData(nameof(SocketEndTests.Transports), MemberType = typeof(SocketEndTests))]
    public async Task A_read_of_an_upgraded_socket_left_behind_ends_with_it_in_order(string transport)
    {
        await using var app = await SocketEndTests.StartAsync(transport, async context =>
        {
            var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            _ = stream.ReadAsync(new byte[5]).AsTask();
            await stream.WriteAsync("bye"u8.ToArray());
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Upgrade());
        var received = await peer.ReadToEndAsync();
        Assert.Equal("bye", received.Body);
        Assert.False(received.IsReset);
        peer.EndInput();
        await Eventually.TrueAsync(() => app.Logs.Of("ConnectionEnded").Any());
        app.Logs.VerifyNoErrors();
    }
}
