using System.Buffers;
using System.Globalization;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>The app that is asked: the same one over every protocol.</summary>
internal static class App
{
    /// <summary>The arguments' first word where the process is to be the server.</summary>
    public const string Command = "serve";

    public static IReadOnlyList<string> Arguments(LoadProtocol protocol, ListenAddress address, GatewayTransport transport) =>
        [Command, protocol.ToString(), address.Text, transport.ToString()];

    /// <summary>Serves until it is asked to end.</summary>
    public static Task ServeAsync(ReadOnlySpan<string> args)
    {
        var (protocol, address, transport) = (Enum.Parse<LoadProtocol>(args[0]), args[1], Enum.Parse<GatewayTransport>(args[2]));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (protocol == LoadProtocol.Http)
        {
            builder.WebHost.UseUrls(address.StartsWith('/') ? $"http://unix:{address}" : $"http://{address}");
        }
        else
        {
            builder.WebHost.UseUwsgiProtocol(options =>
            {
                options.Listen(address, protocol.ToGateway());
                options.ServeHttp = false;
                options.Transport = transport;
            });
        }

        var app = builder.Build();
        Map(app);
        return app.RunAsync();
    }

    private static void Map(WebApplication app)
    {
        var (tenKilobytes, oneMegabyte) = (Question.TenKilobytes.Answer, Question.OneMegabyte.Answer);
        app.MapGet(Question.Hello.Path, () => "Hello, World!");
        app.MapGet(Question.TenKilobytes.Path, () => TypedResults.Bytes(tenKilobytes, "text/plain"));
        app.MapGet(Question.OneMegabyte.Path, () => TypedResults.Bytes(oneMegabyte, "text/plain"));
        app.MapPost(Question.Upload.Path, async (HttpRequest request) =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
            var total = 0L;
            while (await request.Body.ReadAsync(buffer) is var count and > 0)
            {
                total += count;
            }

            ArrayPool<byte>.Shared.Return(buffer);
            return total.ToString(CultureInfo.InvariantCulture);
        });
    }
}
