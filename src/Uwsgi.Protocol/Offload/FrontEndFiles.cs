using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Offload;

/// <summary>Files that a front end sends itself, when a header names them.</summary>
internal sealed class FrontEndFiles(IEnumerable<KeyValuePair<string, string>> locations, IEnumerable<string> directories)
{
    private readonly KeyValuePair<string, string>[] _locations = [.. locations];
    private readonly string[] _directories = [.. directories];

    /// <summary>Names a file to the front end, in the place of the response's body, where that is one that sends it.</summary>
    public bool TryHandOver(RequestContext request, string path)
    {
        if ((_locations.Length == 0 && _directories.Length == 0) || request.Response.HasStarted || Header(request, Path.GetFullPath(path)) is not var (name, value))
        {
            return false;
        }

        // It looks at the client's Range itself, and there is no body here.
        IHttpResponseFeature response = request;
        response.StatusCode = response.StatusCode == StatusCodes.Status206PartialContent ? StatusCodes.Status200OK : response.StatusCode;
        response.Headers.Remove(HeaderNames.ContentRange);
        response.Headers.ContentLength = null;
        response.Headers[name] = value;
        return true;
    }

    private (string Name, string Value)? Header(RequestContext request, string path)
    {
        var software = request.Variables[CgiVariable.ServerSoftware];
        if (software.IsEmpty || software.StartsWith("nginx"u8))
        {
            // nginx's own files of parameters for uwsgi and SCGI do not name it.
            return Location(path) is { } location ? ("X-Accel-Redirect", location) : null;
        }

        if (!Array.Exists(_directories, directory => RealPath.Below(directory, path) is not null))
        {
            return null;
        }

        if (software.StartsWith("lighttpd"u8))
        {
            // Before 1.4.40 it knows no other for FastCGI.
            var isFastCgi = ((IGatewayRequestFeature)request).Protocol == GatewayProtocol.FastCgi;
            return (isFastCgi ? "X-LIGHTTPD-send-file" : "X-Sendfile", Escape(path));
        }

        // Debian's mod_xsendfile takes the path as it stands, and a header takes no other characters.
        return software.StartsWith("Apache"u8) && path.All(static c => c is >= ' ' and <= '~') ? ("X-Sendfile", path) : null;
    }

    private string? Location(string path)
    {
        foreach (var (directory, location) in _locations)
        {
            if (RealPath.Below(directory, path) is { } rest)
            {
                return (location.EndsWith('/') ? location : location + "/") + Escape(rest);
            }
        }

        return null;
    }

    // They take it for a path of a URL.
    private static string Escape(string path) => string.Join('/', path.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
}
