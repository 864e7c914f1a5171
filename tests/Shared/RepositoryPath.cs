using System.Reflection;

namespace Uwsgi.Protocol.Testing;

/// <summary>Files of the repository, wherever it was checked out.</summary>
public static class RepositoryPath
{
    private static readonly string Root = typeof(RepositoryPath).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The full path of a file or folder.</summary>
    public static string Of(params string[] parts) => Path.Combine([Root, .. parts]);
}
