using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Uwsgi.Protocol.Stats;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves a page that shows uWSGI's stats as they change.</summary>
public static class EndpointRouteBuilderUwsgiDashboardExtensions
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Serves a page with the requests of the last minutes as charts and those that run now as a table, and the files that it is made of below it. It names
    /// every request that runs: whoever may not see that is to be kept out, by <c>RequireAuthorization()</c> or <c>RequireHost("localhost:5000")</c> for one.
    /// </summary>
    /// <param name="endpoints">The app's endpoints.</param>
    /// <param name="pattern">The page's route. Defaults to <c>/uwsgi</c>.</param>
    /// <returns>What conventions are added to: they hold for the page and for all below it.</returns>
    /// <exception cref="InvalidOperationException">
    /// Neither <c>builder.WebHost.UseUwsgiProtocol()</c> nor <c>builder.WebHost.UseUwsgiStats()</c> was called.
    /// </exception>
    public static IEndpointConventionBuilder MapUwsgiDashboard(this IEndpointRouteBuilder endpoints, string pattern = "/uwsgi")
    {
        var document = EndpointRouteBuilderUwsgiStatsExtensions.DocumentOf(endpoints, nameof(MapUwsgiDashboard));
        var page = new DashboardFile("index.html", "text/html; charset=utf-8");
        var group = endpoints.MapGroup(pattern);
        Map("", context => IsBelowItsFolder(context.Request) ? page.AnswerAsync(context) : SendToFolder(context));
        Map("dashboard.css", new DashboardFile("dashboard.css", "text/css; charset=utf-8").AnswerAsync);
        Map("dashboard.js", new DashboardFile("dashboard.js", "text/javascript; charset=utf-8").AnswerAsync);
        Map("icon.svg", new DashboardFile("icon.svg", "image/svg+xml").AnswerAsync);
        Map("stats.json", context => EndpointRouteBuilderUwsgiStatsExtensions.AnswerAsync(context.Response, document));
        return group;

        void Map(string name, RequestDelegate answer) => group.MapMethods(name, Methods, answer).WithDisplayName($"uWSGI dashboard {name}");
    }

    // The page names its files as those beside it, so that it works wherever a front end has mounted it.
    private static bool IsBelowItsFolder(HttpRequest request) => PathOf(request).EndsWith('/');

    private static Task SendToFolder(HttpContext context)
    {
        var path = PathOf(context.Request);
        context.Response.Redirect($"./{path[(path.LastIndexOf('/') + 1)..]}/{context.Request.QueryString.ToUriComponent()}");
        return Task.CompletedTask;
    }

    private static string PathOf(HttpRequest request) => (request.PathBase + request.Path).ToUriComponent();
}
