namespace Uwsgi.Protocol.Wire;

/// <summary>The head of a response, read.</summary>
/// <param name="StatusCode">The status code.</param>
/// <param name="ReasonPhrase">The reason phrase, perhaps empty.</param>
/// <param name="Headers">The headers in their order, without <c>Status</c>.</param>
public sealed record ResponseHead(
    int StatusCode,
    string ReasonPhrase,
    IReadOnlyList<KeyValuePair<string, string>> Headers);
