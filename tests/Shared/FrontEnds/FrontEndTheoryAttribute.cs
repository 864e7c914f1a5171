using Xunit;

namespace Uwsgi.Protocol.Testing;

/// <inheritdoc cref="FrontEndFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FrontEndTheoryAttribute : TheoryAttribute
{
    public FrontEndTheoryAttribute(params string[] programs) => Skip = MissingPrograms.Among(programs);
}
