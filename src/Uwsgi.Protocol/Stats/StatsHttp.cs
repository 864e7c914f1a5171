using System.Net.Sockets;

namespace Uwsgi.Protocol.Stats;

/// <summary>As much of HTTP as uWSGI's <c>stats-http</c> speaks: any request, one answer, the end.</summary>
internal static class StatsHttp
{
    // uWSGI's, for the request's head; and what is thrown away behind it.
    private const int MaxHead = 4096;
    private const int MaxDiscarded = 64 * 1024;

    /// <summary>Without uWSGI's Access-Control-Allow-Origin: every page that a user of this host visits could read them.</summary>
    public static ReadOnlySpan<byte> Head =>
        "HTTP/1.0 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Type: application/json\r\n\r\n"u8;

    /// <summary>Reads up to the end of a request's head, which is not looked at.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> TryReadRequestAsync(Socket socket, CancellationToken cancellationToken)
    {
        var head = new byte[MaxHead];
        var length = 0;
        while (length < head.Length)
        {
            var count = await socket.ReceiveAsync(head.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            length += count;
            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads until the peer has ended its side, or has sent more than anybody needs.</summary>
    public static async Task DiscardAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHead];
        for (var discarded = 0; discarded < MaxDiscarded;)
        {
            var count = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            discarded += count;
        }
    }
}
