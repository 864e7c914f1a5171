using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>An app that tells by which protocol it was asked, with HTTP on a free port.</summary>
internal static class TellingApp
{
    /// <param name="configure">What is asked for.</param>
    /// <param name="app">Another app in its place.</param>
    public static Task<RunningApp> StartAsync(Action<WebApplicationBuilder> configure, RequestDelegate? app = null) => RunningApp.StartAsync(
        WebApplication.CreateBuilder(),
        builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            configure(builder);
        },
        application => application.Run(app ?? (static context =>
            context.Response.WriteAsync(context.Features.Get<IGatewayRequestFeature>()?.Protocol.ToString() ?? "http"))));
}
