namespace Uwsgi.Protocol.ContractApp.Hosting;

/// <summary>
/// Opens the endpoints named by <c>--uwsgi ADDRESS</c>, <c>--scgi ADDRESS</c>, <c>--fastcgi ADDRESS</c> and <c>--gateway ADDRESS</c>, each time they
/// are given, on <c>--transport TRANSPORT</c>; with <c>--spawned</c>, that of the front end that has started the app; with <c>--ini FILE</c>, those of the
/// file, which sets up all else that it names too.
/// </summary>
internal static class GatewayEndpoints
{
    public static void Open(WebApplicationBuilder builder, string[] args)
    {
        builder.Services.Configure<UwsgiProtocolOptions>(options => options.Transport = builder.Configuration.GetValue<GatewayTransport>("transport"));
        for (var i = 0; i + 1 < args.Length; i++)
        {
            _ = args[i] switch
            {
                "--uwsgi" => builder.WebHost.UseUwsgiProtocol(args[i + 1]),
                "--scgi" => builder.WebHost.UseScgi(args[i + 1]),
                "--fastcgi" => builder.WebHost.UseFastCgi(args[i + 1]),
                "--gateway" => builder.WebHost.UseGateway(args[i + 1]),
                _ => builder.WebHost,
            };
        }

        if (builder.Configuration["ini"] is { } file)
        {
            builder.Configuration.AddUwsgiIni(file);
            builder.WebHost.UseUwsgiProtocol(builder.Configuration);
        }

        if (args.Contains("--spawned"))
        {
            builder.WebHost.UseFastCgi(options => options.ServeHttp = !options.ListenSpawned());
        }
    }
}
