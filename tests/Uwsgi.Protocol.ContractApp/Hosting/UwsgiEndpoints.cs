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
                builder.WebHost.UseUwsgiProtocol(args[i + 1]);
            }
        }
    }
}
