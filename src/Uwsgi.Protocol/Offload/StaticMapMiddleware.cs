using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Offload;

/// <summary>Answers a request whose path is a file's, by ASP.NET Core's own means, and leaves all others to the app.</summary>
internal sealed class StaticMapMiddleware
{
    private static readonly object EndpointKey = new();

    private readonly RequestDelegate _next;
    private readonly StaticMap _map;
    private readonly StaticFileMiddleware _files;

    public StaticMapMiddleware(
        RequestDelegate next, StaticMap map, IEnumerable<string> safe, IWebHostEnvironment environment, ILoggerFactory loggerFactory)
    {
        _next = next;
        _map = map;
        var logger = loggerFactory.CreateLogger("Uwsgi.Protocol.Offload");
        _files = new StaticFileMiddleware(LeaveToAppAsync, environment, Options.Create(map.ToOptions(safe, logger)), loggerFactory);
    }

    public Task InvokeAsync(HttpContext context)
    {
        if (!_map.Matches(context.Request.Path))
        {
            return _next(context);
        }

        Mark(context, isStatic: true);
        if (context.GetEndpoint() is { } endpoint)
        {
            // What is a file is one, whatever the app would answer to everything.
            context.Items[EndpointKey] = endpoint;
            context.SetEndpoint(null);
        }

        return _files.Invoke(context);
    }

    // For the figures of a table of requests, where there is one.
    private static void Mark(HttpContext context, bool isStatic)
    {
        if (context.Features.Get<IRunningRequest>() is { } request)
        {
            request.IsStatic = isStatic;
        }
    }

    private Task LeaveToAppAsync(HttpContext context)
    {
        Mark(context, isStatic: false);
        if (context.Items.Remove(EndpointKey, out var endpoint))
        {
            context.SetEndpoint((Endpoint?)endpoint);
        }

        return _next(context);
    }
}
