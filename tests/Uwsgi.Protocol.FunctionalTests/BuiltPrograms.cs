using System.Reflection;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>What the build of this project has built beside it: programs that tests start.</summary>
internal static class BuiltPrograms
{
    public static readonly string ContractApp = PathOf(nameof(ContractApp));
    public static readonly string Authorizer = PathOf(nameof(Authorizer));
    public static readonly string UwsgiCat = PathOf(nameof(UwsgiCat));

    private static string PathOf(string name) =>
        typeof(BuiltPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;
}
