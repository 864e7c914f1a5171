using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Stats;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves uWSGI's stats as an endpoint of the app.</summary>
public static class EndpointRouteBuilderUwsgiStatsExtensions
{
    /// <summary>
    /// Answers GET with uWSGI's stats. They name every request that runs: whoever may not see that is to be kept out, by
    /// <c>RequireAuthorization()</c> or <c>RequireHost("localhost:5000")</c> for one.
    /// </summary>
    /// <param name="endpoints">The app's endpoints.</param>
    /// <param name="pattern">The route, such as <c>/stats</c>.</param>
    /// <returns>What conventions are added to.</returns>
    /// <exception cref="InvalidOperationException">
    /// Neither <c>builder.WebHost.UseUwsgiProtocol()</c> nor <c>builder.WebHost.UseUwsgiStats()</c> was called.
    /// </exception>
    public static IEndpointConventionBuilder MapUwsgiStats(this IEndpointRouteBuilder endpoints, string pattern)
    {
        var document = DocumentOf(endpoints, nameof(MapUwsgiStats));
        return endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], context => AnswerAsync(context.Response, document)).WithDisplayName("uWSGI stats");
    }

    /// <summary>What a method that maps endpoints of the stats needs.</summary>
    internal static StatsDocument DocumentOf(IEndpointRouteBuilder endpoints, string method)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.ServiceProvider.GetService<StatsDocument>() ?? throw new InvalidOperationException(
            $"{method}() needs the app's web host to be ready for it: call builder.WebHost.UseUwsgiProtocol() or builder.WebHost.UseUwsgiStats().");
    }

    /// <summary>Answers with the stats as they are now.</summary>
    internal static Task AnswerAsync(HttpResponse response, StatsDocument document)
    {
        var body = new ArrayBufferWriter<byte>();
        document.WriteTo(body);
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body.WriteAsync(body.WrittenMemory).AsTask();
    }
}
