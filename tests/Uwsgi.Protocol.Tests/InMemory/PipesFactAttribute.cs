namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A fact of the transport by pipes alone, for a reason of <see cref="PipesOnly"/>.</summary>
internal sealed class PipesFactAttribute : FactAttribute
{
    public PipesFactAttribute(string reason) => Skip = TestTransport.IsPipes ? null : reason;
}
