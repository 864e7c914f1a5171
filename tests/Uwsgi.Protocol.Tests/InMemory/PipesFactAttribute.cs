namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A fact of the transport by pipes alone.</summary>
/// <param name="reason">Why: one of <see cref="PipesOnly"/>.</param>
internal sealed class PipesFactAttribute(string reason) : FactAttribute
{
    public string Reason { get; } = reason;
}
