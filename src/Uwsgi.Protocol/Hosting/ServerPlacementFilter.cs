using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// Finds that another server was registered behind ours: hosting would take that one, and our endpoints would be closed without a word.
/// </summary>
internal sealed partial class ServerPlacementFilter(IServer server, ILoggerFactory loggerFactory) : IStartupFilter
{
    private const string TestServerName = "TestServer";
    private const string TestHostAssembly = "Microsoft.AspNetCore.Mvc.Testing";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        if (server is GatewayServer)
        {
            return next;
        }

        // A test of the app replaces the server on purpose.
        if (server.GetType().Name == TestServerName || IsUnderTest())
        {
            Log.Replaced(loggerFactory.CreateLogger("Uwsgi.Protocol.Hosting"), server.GetType().FullName);
            return next;
        }

        throw new InvalidOperationException(
            $"UseUwsgiProtocol() was called before the server '{server.GetType().FullName}' was registered, so its endpoints would stay closed. " +
            "Move UseUwsgiProtocol() after UseKestrel().");
    }

    // WebApplicationFactory.UseKestrel() registers Kestrel after everything else.
    private static bool IsUnderTest() =>
        AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == TestHostAssembly);

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Debug,
            "The server is {Server}: the endpoints of UseUwsgiProtocol() stay closed.", EventName = nameof(Replaced))]
        public static partial void Replaced(ILogger logger, string? server);
    }
}
