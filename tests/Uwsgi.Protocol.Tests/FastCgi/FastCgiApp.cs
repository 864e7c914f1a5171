using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>An app that speaks FastCGI on a real port, and what comes from it.</summary>
internal static class FastCgiApp
{
    public static Task<RunningApp> StartAsync(RequestDelegate app, Action<UwsgiProtocolOptions>? configure = null) =>
        RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder => builder.WebHost.UseFastCgi(options =>
            {
                options.ServeHttp = false;
                options.Listen("127.0.0.1:0");
                configure?.Invoke(options);
            }),
            application => application.Run(app));

    public static EndPoint EndPointOf(RunningApp app) => app.EndPointOf(GatewayProtocol.FastCgi);

    /// <summary>Reads until so many requests have their end.</summary>
    public static async Task<IReadOnlyList<FastCgiRecord>> ReadRecordsAsync(SocketPeer peer, int ends)
    {
        var bytes = new List<byte>();
        var records = new List<FastCgiRecord>();
        var buffer = new byte[64 * 1024];
        for (var seen = 0; seen < ends;)
        {
            var count = await peer.Socket.ReceiveAsync(buffer.AsMemory()).AsTask().Within();
            Assert.NotEqual(0, count);
            bytes.AddRange(buffer.AsSpan(0, count));
            var more = FastCgiRecord.TakeAll(bytes);
            seen += more.Count(record => record.Type == FastCgiRecord.EndRequest);
            records.AddRange(more);
        }

        Assert.Empty(bytes);
        return records;
    }
}
