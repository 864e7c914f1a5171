namespace Uwsgi.Protocol.PublicApi.Tests;

/// <summary>A theory that needs nginx; skipped without it, but for CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NginxTheoryAttribute : TheoryAttribute
{
    public NginxTheoryAttribute() =>
        Skip = NginxSyntax.IsInstalled || Environment.GetEnvironmentVariable("CI") == "true" ? null : "nginx is not installed here.";
}
