namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>What is a theory of the transport by pipes is no test here.</summary>
/// <param name="reason">Why: one of <see cref="PipesOnly"/>.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PipesTheoryAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}
