namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>A test that only root can run; it is skipped, by name, for everybody else.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "Only root can give a file away.";
}
