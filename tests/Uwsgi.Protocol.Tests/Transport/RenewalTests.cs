using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>A connection is used again for another socket, where nobody can have anything of it, and nowhere else.</summary>
public class RenewalTests
{
    public static TheoryData<string> Transports => SocketPairs.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_is_used_again_knows_nothing_of_the_one_before(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var connection = pair.Connection;
        var ids = new HashSet<string>();
        var peer = pair.Peer;
        for (var i = 0; i < 20; i++)
        {
            Assert.True(ids.Add(connection.ConnectionId));
            var answer = Encoding.ASCII.GetBytes($"answer {i}");

            // One request is left unread, the next is longer, and a flush is cancelled behind the last.
            await peer.SendAsync(Encoding.ASCII.GetBytes($"question {i} {new string('x', i * 900)}"));
            peer.Shutdown(SocketShutdown.Send);
            if (i % 3 != 0)
            {
                var read = await ReadToEndAsync(connection);
                Assert.StartsWith($"question {i} ", read, StringComparison.Ordinal);
            }

            connection.Input.CancelPendingRead();
            connection.Output.CancelPendingFlush();
            var isEnding = i % 2 == 0 && connection.TryBeginEnd();
            await connection.Output.WriteAsync(answer);
            connection.HalfClose();
            Assert.Equal(answer, await new SocketPair(connection, peer).ReceiveAsync(answer.Length));
            Assert.Equal(transport == "tcp" && i % 2 == 0, isEnding);
            connection.Leave();
            await connection.DisposeAsync();
            Assert.True(connection.TryRenew());
            peer.Dispose();
            peer = pairs.Open(connection);
        }

        peer.Dispose();
    }

    [Theory]
    [InlineData("nobody has left it")]
    [InlineData("the token of its end")]
    [InlineData("a feature")]
    [InlineData("a feature of its own")]
    [InlineData("its items")]
    [InlineData("its socket")]
    [InlineData("its tags")]
    [InlineData("its transport")]
    [InlineData("a read that waits")]
    [InlineData("a flush that waits")]
    public async Task What_somebody_may_still_have_is_not_used_again(string what)
    {
        using var pairs = new SocketPairs("tcp");
        await using var pair = pairs.Connect();
        var connection = pair.Connection;
        object? kept = what switch
        {
            "the token of its end" => connection.ConnectionClosed,
            "a feature" => connection.Features.Get<IConnectionIdFeature>(),
            "its items" => connection.Items,
            "its socket" => connection.Socket,
            "a read that waits" => connection.Input.ReadAsync().AsTask(),
            "a flush that waits" => connection.Output.WriteAsync(new byte[32_000_000]).AsTask(),
            _ => null,
        };
        switch (what)
        {
            case "a feature of its own":
                connection.Features.Set(what);
                break;
            case "its tags":
                connection.CollectTags();
                break;
            case "its transport":
                connection.Transport = new DuplexPipe(connection.Input, connection.Output);
                break;
        }

        if (what != "nobody has left it")
        {
            connection.Leave();
        }

        await connection.DisposeAsync();
        Assert.False(connection.TryRenew());
        if (kept is Task task)
        {
            await Record.ExceptionAsync(() => task.Within());
        }
    }

    private static async Task<string> ReadToEndAsync(SocketConnection connection)
    {
        var text = "";
        while (true)
        {
            // As a server does that never waits.
            if (!connection.Input.TryRead(out var result))
            {
                await Task.Yield();
                continue;
            }

            text += Encoding.ASCII.GetString(result.Buffer);
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return text;
            }
        }
    }

    private sealed record DuplexPipe(System.IO.Pipelines.PipeReader Input, System.IO.Pipelines.PipeWriter Output) : System.IO.Pipelines.IDuplexPipe;
}
