using System.Reflection;

namespace Uwsgi.Protocol.PublicApi.Tests;

/// <summary>Files of the repository, wherever the tests were built.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    public static IEnumerable<string> Find(string folder, string pattern) =>
        Directory.Exists(PathOf(folder)) ? Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories) : [];
}
