using System.Net;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>The head of an answer as the protocol wants it written, read a byte at a time so that nothing of the body is taken.</summary>
internal static class AnswerHead
{
    public static async Task<HttpResponseMessage> ReadAsync(Stream stream, WireProtocol protocol, CancellationToken cancellationToken)
    {
        var lines = (await ReadTextAsync(stream, cancellationToken)).Split("\r\n");
        // A Status header may have others before it.
        var at = protocol == WireProtocol.Uwsgi ? 0 : Array.FindIndex(lines, line => line.StartsWith("Status:", StringComparison.Ordinal));
        if (at < 0 || lines[at].Split(' ', 3) is not [var start, var status, var reason] || start != (protocol == WireProtocol.Uwsgi ? "HTTP/1.1" : "Status:"))
        {
            throw new HttpRequestException($"Not the start of an answer by {protocol}: {lines[0]}");
        }

        var response = new HttpResponseMessage((HttpStatusCode)int.Parse(status)) { ReasonPhrase = reason, Content = new StreamContent(stream) };
        foreach (var line in lines.Where((_, i) => i != at))
        {
            var (name, value) = (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].TrimStart(' '));
            if (!response.Headers.TryAddWithoutValidation(name, value))
            {
                response.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return response;
    }

    private static async Task<string> ReadTextAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>(512);
        var one = new byte[1];
        while (!head.EndsWith("\r\n\r\n"u8))
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0)
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded, $"The answer ended after {head.Count} bytes of its head.");
            }

            head.Add(one[0]);
        }

        return Encoding.Latin1.GetString(head.Take(head.Count - 4).ToArray());
    }

    private static bool EndsWith(this List<byte> bytes, ReadOnlySpan<byte> end) =>
        bytes.Count >= end.Length && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)[^end.Length..].SequenceEqual(end);
}
