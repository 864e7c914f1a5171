using System.Collections.Concurrent;
using System.Text;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.Requests;

/// <summary>Keeps what is told of the end of each request.</summary>
internal sealed class EndedRequests : IRequestListener
{
    private readonly ConcurrentQueue<Ended> _all = new();

    public IReadOnlyCollection<Ended> All => _all;

    /// <summary>The only one that there has been.</summary>
    public Ended Only => Assert.Single(_all);

    public void OnEnded(in EndedRequest request) => _all.Enqueue(new Ended(
        request.Protocol,
        Encoding.Latin1.GetString(request.Variables[CgiVariable.RequestUri]),
        request.Variables.Count,
        request.Outcome,
        request.Slot,
        request.Number,
        request.AppNumber,
        request.Started,
        request.Duration,
        request.Features is not null));

    public sealed record Ended(
        GatewayProtocol? Protocol,
        string Uri,
        int VariableCount,
        RequestOutcome Outcome,
        int Slot,
        long Number,
        long AppNumber,
        DateTimeOffset Started,
        TimeSpan Duration,
        bool HasFeatures);
}
