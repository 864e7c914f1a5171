using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>How long the server reads on when its answer is out.</summary>
[Collection(nameof(OneAtATime))]
public class LingerTests
{
    private const int BodySize = 3 * 1024 * 1024;

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task An_unread_body_is_lingered_for_no_longer_than_the_limits(string transport)
    {
        var time = new ManualTimeProvider();
        Socket? server = null;
        await using var app = await SocketEndTests.StartAsync(
            transport,
            context =>
            {
                server = context.Features.Get<IConnectionSocketFeature>()!.Socket;
                return Task.CompletedTask;
            },
            builder => builder.Services.AddSingleton<TimeProvider>(time));

        // Silent: the linger timeout. The answer is there before any time has passed.
        using var silent = await SocketPeer.ConnectAsync(app.EndPoint);
        await silent.SendAsync(Packets.PostHead(BodySize));
        Assert.Equal(200, (await silent.ReadToEndAsync()).Status);
        await Eventually.TrueAsync(() => time.HasTimers);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(app.Logs.Of("ConnectionEnded"));
        time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => app.Logs.Of("ConnectionEnded").Count() == 1);

        // Talkative: the linger time.
        using var talkative = await SocketPeer.ConnectAsync(app.EndPoint);
        await talkative.SendAsync(Packets.PostHead(BodySize));
        Assert.Equal(200, (await talkative.ReadToEndAsync()).Status);
        var quarters = 0;
        await Eventually.TrueAsync(() =>
        {
            try
            {
                talkative.Socket.Send(new byte[10]);
                SpinWait.SpinUntil(() => server!.Available == 0, 100);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is over.
            }

            // What was sent is with the server: now it has a while to look at it.
            Thread.Sleep(6);
            time.Advance(TimeSpan.FromMilliseconds(250));
            quarters++;
            return app.Logs.Of("ConnectionEnded").Count() == 2;
        });
        Assert.True(quarters >= 120, $"{quarters / 4} s");
    }
}
