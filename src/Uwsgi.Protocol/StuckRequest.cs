namespace Uwsgi.Protocol;

/// <summary>A request that has been ended though its handler still runs: see <see cref="HarakiriOptions.OnStuck"/>.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Its path and query as they came, every character that is none of a URI's percent-encoded.</param>
/// <param name="Endpoint">The name of its endpoint; <see langword="null"/> where it has none.</param>
/// <param name="TraceIdentifier">Its <c>HttpContext.TraceIdentifier</c>.</param>
/// <param name="Age">How long ago its head came.</param>
/// <param name="Stuck">How many handlers are stuck at this moment, this one among them.</param>
public sealed record StuckRequest(string Method, string Target, string? Endpoint, string TraceIdentifier, TimeSpan Age, int Stuck);
