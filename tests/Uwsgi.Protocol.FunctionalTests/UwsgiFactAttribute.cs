using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>A fact about the uwsgi server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UwsgiFactAttribute : FactAttribute
{
    public UwsgiFactAttribute(params string[] programs) =>
        Skip = UwsgiServer.IsThere ? new FrontEndFactAttribute(programs).Skip : "The server is not there yet.";
}
