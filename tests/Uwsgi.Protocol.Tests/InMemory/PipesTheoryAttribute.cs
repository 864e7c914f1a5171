namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A theory of the transport by pipes alone, for a reason of <see cref="PipesOnly"/>.</summary>
internal sealed class PipesTheoryAttribute : TheoryAttribute
{
    public PipesTheoryAttribute(string reason) => Skip = TestTransport.IsPipes ? null : reason;
}
