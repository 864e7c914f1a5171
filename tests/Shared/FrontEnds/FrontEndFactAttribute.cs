using Xunit;

namespace Uwsgi.Protocol.Testing;

/// <summary>A test that needs real programs. One that is missing skips the test, by name; under CI=true the test runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FrontEndFactAttribute : FactAttribute
{
    public FrontEndFactAttribute(params string[] programs) => Skip = MissingPrograms.Among(programs);
}
