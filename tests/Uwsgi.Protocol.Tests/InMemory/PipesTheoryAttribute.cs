namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A theory of the transport by pipes alone.</summary>
/// <param name="reason">Why: one of <see cref="PipesOnly"/>.</param>
internal sealed class PipesTheoryAttribute(string reason) : TheoryAttribute
{
    public string Reason { get; } = reason;
}
