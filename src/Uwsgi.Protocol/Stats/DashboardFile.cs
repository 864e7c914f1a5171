using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Uwsgi.Protocol.Stats;

/// <summary>A file of the dashboard's page. All that it needs comes from beside it, and nothing that is in the page itself may run.</summary>
internal sealed class DashboardFile
{
    private const string SecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly byte[] _content;
    private readonly string _type;
    private readonly EntityTagHeaderValue _tag;

    public DashboardFile(string name, string type)
    {
        using var resource = typeof(DashboardFile).Assembly.GetManifestResourceStream($"Dashboard/{name}")
            ?? throw new InvalidOperationException($"The assembly has no Dashboard/{name}.");
        _content = new byte[resource.Length];
        resource.ReadExactly(_content);
        _type = type;
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(_content))[..16]}\"");
    }

    public Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = SecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers[HeaderNames.CacheControl] = "no-cache";
        headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Bytes(_content, _type, entityTag: _tag).ExecuteAsync(context);
    }
}
