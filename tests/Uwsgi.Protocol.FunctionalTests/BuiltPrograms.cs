using System.Reflection;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>What the build of this project has built beside it: programs that tests start.</summary>
internal static class BuiltPrograms
{
    public static readonly string ContractApp = PathOf(nameof(ContractApp));
    public static readonly string Authorizer = PathOf(nameof(Authorizer));
    public static readonly string Offload = PathOf(nameof(Offload));
    public static readonly string UwsgiCat = PathOf(nameof(UwsgiCat));

    /// <summary>The contract app's command, for a front end that starts it.</summary>
    public static string SpawnedContractApp => $"{Programs.PathOf("dotnet")} {ContractApp} --spawned";

    private static string PathOf(string name) =>
        typeof(BuiltPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!;
}
