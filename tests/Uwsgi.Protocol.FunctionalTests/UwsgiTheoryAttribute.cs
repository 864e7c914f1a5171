using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>A theory about the uwsgi server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UwsgiTheoryAttribute : TheoryAttribute
{
    public UwsgiTheoryAttribute(params string[] programs) =>
        Skip = UwsgiServer.IsThere ? new FrontEndTheoryAttribute(programs).Skip : "The server is not there yet.";
}
