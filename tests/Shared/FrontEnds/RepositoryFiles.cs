using System.Reflection;

namespace Uwsgi.Protocol.Testing;

/// <summary>Files of the repository that tests read: the documentation's configurations, above all.</summary>
public static class RepositoryFiles
{
    private static readonly string Root = typeof(RepositoryFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    public static string Read(params ReadOnlySpan<string> parts) => File.ReadAllText(PathOf(parts));
}
