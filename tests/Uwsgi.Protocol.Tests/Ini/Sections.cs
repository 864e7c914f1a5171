using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Uwsgi.Protocol.Ini;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>Apps that are set up by a file, and sections without an app.</summary>
internal static class Sections
{
    /// <summary>A section [uwsgi] with these lines, from a file main.ini.</summary>
    public static UwsgiSection Read(TemporaryDirectory directory, string lines, Action<IConfigurationBuilder>? add = null)
    {
        var configuration = new ConfigurationManager();
        configuration.AddUwsgiIni(directory.Write("main.ini", $"[uwsgi]\n{lines}"));
        add?.Invoke(configuration);
        return new UwsgiSection(configuration);
    }

    /// <summary>Another source, behind the file.</summary>
    public static IConfigurationBuilder AddJson(this IConfigurationBuilder configuration, string json) =>
        configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));

    /// <summary>Starts an app by a file with these lines, which stand in [uwsgi].</summary>
    public static Task<RunningApp> StartAsync(
        TemporaryDirectory directory, string lines, RequestDelegate? app = null, Action<WebApplicationBuilder>? configure = null) =>
        RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder =>
            {
                builder.Configuration.AddUwsgiIni(directory.Write("main.ini", $"[uwsgi]\n{lines}"));
                builder.WebHost.UseUwsgiProtocol(builder.Configuration);
                configure?.Invoke(builder);
            },
            application => application.Run(app ?? (static context => context.Response.WriteAsync("hello"))));
}
