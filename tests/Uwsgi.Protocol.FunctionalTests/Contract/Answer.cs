using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>An answer that has been read to its end, or as far as it came.</summary>
internal sealed class Answer
{
    // They belong to one connection, or to the server that answered, or change with time.
    private static readonly HashSet<string> Hidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Date", "Server", "Transfer-Encoding", "Content-Length", "X-Accel-Buffering",
    };

    public required int Status { get; init; }

    public required string Reason { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    public required byte[] Body { get; init; }

    public required bool Truncated { get; init; }

    public string Text => Encoding.UTF8.GetString(Body);

    public string? this[string header] => Headers.FirstOrDefault(pair => pair.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Value;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        var truncated = false;
        try
        {
            await (await response.Content.ReadAsStreamAsync(cancellationToken)).CopyToAsync(body, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            truncated = true;
        }

        // Over HTTP/2 HttpClient leaves it to us.
        var hasBody = response.RequestMessage?.Method != HttpMethod.Head && response.StatusCode is not HttpStatusCode.NotModified;
        truncated |= hasBody && body.Length < response.Content.Headers.ContentLength;

        return new Answer
        {
            Status = (int)response.StatusCode,
            Reason = response.ReasonPhrase ?? "",
            Headers = [.. from header in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                          from value in header.Value
                          select new KeyValuePair<string, string>(header.Key, value)],
            Body = body.ToArray(),
            Truncated = truncated,
        };
    }

    /// <summary>Everything that is end to end. How long the body is and how it is framed shows in the body.</summary>
    public IEnumerable<string> Describe()
    {
        yield return $"{Status} {Reason}";
        foreach (var (name, value) in Headers.Where(header => !Hidden.Contains(header.Key)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"{name.ToLowerInvariant()}: {value}";
        }

        // How much arrives before an abort is chance.
        yield return Truncated ? "body: truncated" : $"body: {DescribeBody()}";
    }

    private string DescribeBody() => Body.Length > 2000 || Body.AsSpan().ContainsAnyInRange((byte)0, (byte)8)
        ? $"{Body.Length} bytes, {Convert.ToHexStringLower(SHA256.HashData(Body))}"
        : $"{Body.Length} bytes, {Text}";
}
