using System.Reflection;
using Xunit.Sdk;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>Every combination of a theory's parameters, booleans and enumerations.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialDataAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        IEnumerable<object[]> rows = [[]];
        foreach (var type in testMethod.GetParameters().Select(parameter => parameter.ParameterType))
        {
            object[] values = type.IsEnum ? [.. Enum.GetValues(type).Cast<object>()] : [false, true];
            rows = [.. rows.SelectMany(row => values, (row, value) => (object[])[.. row, value])];
        }

        return rows;
    }
}
