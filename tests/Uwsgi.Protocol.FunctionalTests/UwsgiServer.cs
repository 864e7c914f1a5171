namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>How the contract app is told to open its uwsgi endpoints.</summary>
internal static class UwsgiServer
{
    /// <summary>False where the server is not there yet: only the routes by HTTP run.</summary>
    public static readonly bool IsThere = File.Exists(Testing.RepositoryFiles.PathOf("src", "Uwsgi.Protocol", "Hosting", "WebHostBuilderUwsgiProtocolExtensions.cs"));

    public static string[] Arguments(string socket) => IsThere ? ["--uwsgi", "127.0.0.1:0", "--uwsgi", $"unix:{socket}"] : [];
}
