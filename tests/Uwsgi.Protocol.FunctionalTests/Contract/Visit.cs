using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>One client that goes through one case by one route, and writes down what it sees.</summary>
internal sealed partial class Visit(Route route) : IDisposable
{
    /// <summary>Every route asks for the same host: links and redirects are built from it.</summary>
    public const string Host = "contract.test:8080";

    private readonly List<string> _seen = [];
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _deadline = new(Deadline.Default);

    /// <summary>Of this visit alone: no cache entry, gate or limit is shared with another.</summary>
    public string Key { get; } = Guid.NewGuid().ToString("n");

    public Route Route => route;

    public CancellationToken Cancelled => _deadline.Token;

    public string Seen => Volatile().Replace(string.Join('\n', _seen).Replace(Key, "(key)", StringComparison.Ordinal), "(protected)");

    public void Note(string line) => _seen.Add(line);

    public Task<Answer> GetAsync(string target, params (string Name, string Value)[] headers) => AskAsync(HttpMethod.Get, target, null, headers);

    public Task<Answer> PostAsync(string target, HttpContent? body, params (string Name, string Value)[] headers) => AskAsync(HttpMethod.Post, target, body, headers);

    /// <summary>Asks, and writes the answer down.</summary>
    public async Task<Answer> AskAsync(HttpMethod method, string target, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        Note($"> {method} {target}");
        var answer = await AskQuietlyAsync(method, target, body, headers);
        _seen.AddRange(answer.Describe());
        return answer;
    }

    public async Task<Answer> AskQuietlyAsync(HttpMethod method, string target, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, target, body, headers);
        return await Answer.ReadAsync(response, Cancelled);
    }

    /// <summary>Returns as soon as the head is there.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var request = route.Request(method, target);
        request.Headers.Host = Host;
        request.Content = body;
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        var response = await route.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Remember(response);
        return response;
    }

    public async Task<WebSocket> ConnectAsync(string target, string? subProtocol = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            return await route.ConnectAsync(target, subProtocol, patience.Token);
        }
        catch (OperationCanceledException)
        {
            Note("the WebSocket waits");
            throw new CaseEndedException();
        }
        catch (WebSocketException)
        {
            Note("no WebSocket");
            throw new CaseEndedException();
        }
    }

    /// <summary>Lets a waiting request go on. Never written down: it is how the case is steered.</summary>
    public async Task OpenGateAsync(string message) => Assert.Equal(204, (await AskQuietlyAsync(HttpMethod.Post, $"/gates/{Key}", new StringContent(message))).Status);

    public async Task NoteJournalAsync(string until)
    {
        var entry = "";
        await Deadline.UntilAsync($"the journal says {until}", async () =>
            (entry = (await AskQuietlyAsync(HttpMethod.Get, $"/journal/{Key}")).Text) == until);
        Note($"journal: {entry}");
    }

    public void Dispose() => _deadline.Dispose();

    private void Remember(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            return;
        }

        foreach (var cookie in cookies)
        {
            var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var left, var right] ? (left, right) : (cookie, "");
            if (value.Length == 0)
            {
                _cookies.Remove(name);
            }
            else
            {
                _cookies[name] = value;
            }
        }
    }

    // What data protection made: another text each time, the same meaning.
    [GeneratedRegex("CfDJ8[A-Za-z0-9_-]+")]
    private static partial Regex Volatile();
}
