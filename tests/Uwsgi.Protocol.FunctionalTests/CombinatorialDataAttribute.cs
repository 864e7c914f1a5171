using System.Reflection;
using Xunit.Sdk;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>Every combination of a theory's boolean parameters.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialDataAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        var count = testMethod.GetParameters().Length;
        for (var bits = 0; bits < 1 << count; bits++)
        {
            yield return [.. Enumerable.Range(0, count).Select(bit => (object)((bits & (1 << bit)) != 0))];
        }
    }
}
