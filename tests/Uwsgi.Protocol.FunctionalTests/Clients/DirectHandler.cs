using System.Net;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>Lets an <see cref="HttpClient"/> speak a front end's protocol, with the variables that nginx would send.</summary>
internal sealed class DirectHandler(WireProtocol protocol, EndPoint server) : HttpMessageHandler
{
    private static readonly HttpMethod[] NeedNoBody = [HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Delete, HttpMethod.Connect];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var stream = await DirectConnection.OpenAsync(protocol, server, Variables(request, body), body, cancellationToken);
        try
        {
            var response = await AnswerHead.ReadAsync(stream, protocol, cancellationToken);
            response.RequestMessage = request;
            var empty = request.Method == HttpMethod.Head || response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified;
            response.Content = Replace(response.Content, new StreamContent(new AnswerBody(stream, empty ? 0 : response.Content.Headers.ContentLength)));
            return response;
        }
        catch (IOException e)
        {
            await stream.DisposeAsync();
            throw new HttpRequestException("The connection ended before the answer's head.", e);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public static IEnumerable<(string Name, string Value)> Variables(HttpRequestMessage request, byte[] body)
    {
        var uri = request.RequestUri!;
        var target = uri.PathAndQuery;
        var (path, query) = target.Split('?', 2) is [var before, var after] ? (before, after) : (target, "");
        // As an HTTP client does: it says 0 where the method leads one to expect a body.
        var hasLength = request.Content is not null || !NeedNoBody.Contains(request.Method);
        yield return ("QUERY_STRING", query);
        yield return ("REQUEST_METHOD", request.Method.Method);
        yield return ("CONTENT_TYPE", request.Content?.Headers.ContentType?.ToString() ?? "");
        yield return ("CONTENT_LENGTH", hasLength ? $"{body.Length}" : "");
        yield return ("REQUEST_URI", target);
        yield return ("PATH_INFO", Uri.UnescapeDataString(path));
        yield return ("SERVER_PROTOCOL", "HTTP/1.1");
        yield return ("REQUEST_SCHEME", "http");
        yield return ("REMOTE_ADDR", "127.0.0.1");
        yield return ("REMOTE_PORT", "50000");
        yield return ("SERVER_PORT", $"{uri.Port}");
        yield return ("SERVER_NAME", uri.Host);
        yield return ("HTTP_HOST", request.Headers.Host ?? uri.Authority);
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? default))
        {
            if (!name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                yield return ($"HTTP_{name.ToUpperInvariant().Replace('-', '_')}", values.ToString());
            }
        }

        if (hasLength)
        {
            yield return ("HTTP_CONTENT_LENGTH", $"{body.Length}");
        }
    }

    private static HttpContent Replace(HttpContent old, HttpContent with)
    {
        foreach (var (name, values) in old.Headers.NonValidated)
        {
            with.Headers.TryAddWithoutValidation(name, values);
        }

        return with;
    }
}
