using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Extensions;

namespace BehindNginx;

/// <summary>What an app sees of a request, in three tables.</summary>
internal sealed class Sight
{
    // What nginx's uwsgi_params sends beside the headers.
    private static readonly string[] Variables =
    [
        "QUERY_STRING", "REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH", "REQUEST_URI", "PATH_INFO", "DOCUMENT_ROOT", "SERVER_PROTOCOL",
        "REQUEST_SCHEME", "HTTPS", "REMOTE_ADDR", "REMOTE_PORT", "SERVER_ADDR", "SERVER_PORT", "SERVER_NAME", "HTTP_HOST",
    ];

    private readonly List<(string Title, List<(string Name, string? Value)> Rows)> _tables = [];

    public static Sight Of(HttpContext context)
    {
        var (request, connection) = (context.Request, context.Connection);
        var sight = new Sight();
        sight._tables.Add(("Request",
        [
            ("URL", request.GetDisplayUrl()),
            ("Method", request.Method),
            ("Scheme", request.Scheme),
            ("Host", request.Host.Value),
            ("PathBase", request.PathBase.Value),
            ("Path", request.Path.Value),
            ("Query", request.QueryString.Value),
            ("Protocol", request.Protocol),
            ("Client", $"{connection.RemoteIpAddress?.ToString() ?? "?"}, port {connection.RemotePort}"),
            ("Server", $"{connection.LocalIpAddress?.ToString() ?? "?"}, port {connection.LocalPort}"),
        ]));
        sight._tables.Add(("Headers", [.. request.Headers.Select(header => (header.Key, (string?)header.Value.ToString()))]));
        sight._tables.Add(("Variables", [.. Variables.Select(name => (name, context.GetServerVariable(name)))]));
        return sight;
    }

    public string ToHtml()
    {
        var html = new StringBuilder("""
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Behind nginx</title>
            <style>
                :root { color-scheme: light dark; }
                body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
                table { border-collapse: collapse; width: 100%; }
                caption { text-align: start; font-weight: 600; font-size: 1.15rem; padding: 1rem 0 .25rem; }
                th, td { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid #8884; }
                th { font-weight: 400; width: 12rem; opacity: .8; }
                td { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
                @media (max-width: 32rem) { th { width: 8rem; overflow-wrap: anywhere; } }
            </style>
            <h1>Behind nginx</h1>
            <p>What the app sees of this request. Try other paths, queries and hosts.</p>

            """);
        foreach (var (title, rows) in _tables)
        {
            html.Append("<table><caption>").Append(title).Append("</caption>\n");
            foreach (var (name, value) in rows)
            {
                html.Append("<tr><th scope=\"row\">").Append(WebUtility.HtmlEncode(name)).Append("</th><td>")
                    .Append(value is null ? "<i>not sent</i>" : WebUtility.HtmlEncode(value)).Append("</td></tr>\n");
            }

            html.Append("</table>\n");
        }

        return html.ToString();
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (title, rows) in _tables)
        {
            text.Append(title).Append('\n');
            foreach (var (name, value) in rows)
            {
                text.Append("  ").Append(name.PadRight(18)).Append(' ').Append(value ?? "(not sent)").Append('\n');
            }
        }

        return text.ToString();
    }
}
