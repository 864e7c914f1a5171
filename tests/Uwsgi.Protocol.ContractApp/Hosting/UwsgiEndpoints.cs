namespace Uwsgi.Protocol.ContractApp.Hosting;

/// <summary>Opens the endpoints named by <c>--uwsgi ADDRESS</c>, each time it is given.</summary>
internal static class UwsgiEndpoints
{
    public static void Open(WebApplicationBuilder builder, string[] args)
    {
        for (var i = 0; i + 1 < args.Length; i++)
        {
            if (args[i] == "--uwsgi")
            {
                Open(builder, args[i + 1]);
            }
        }
    }

    private static void Open(WebApplicationBuilder builder, string address)
    {
#if WITH_UWSGI_PROTOCOL
        builder.WebHost.UseUwsgiProtocol(address);
#else
        throw new NotSupportedException($"Built without the uwsgi server: cannot open {address} on {builder.WebHost}.");
#endif
    }
}
