using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Authorizer;

/// <summary>samples/Authorizer as a process.</summary>
public sealed partial class AuthorizerApp : IAsyncDisposable
{
    /// <summary>Of everybody in its appsettings.json.</summary>
    public const string Password = "open sesame";

    private readonly TemporaryDirectory _directory = new();
    private readonly RunningProcess _process;

    private AuthorizerApp()
    {
        Site = _directory.Copy(RepositoryFiles.PathOf("samples", "Authorizer", "site"), "site");
        _process = RunningProcess.Start(
            Programs.PathOf("dotnet"),
            [BuiltPrograms.Authorizer, "--urls", "fastcgi://127.0.0.1:0", "--contentRoot", RepositoryFiles.PathOf("samples", "Authorizer")],
            _directory.FullPath,
            new Dictionary<string, string> { ["HOME"] = _directory.FullPath });
    }

    /// <summary>The directory of the files that it guards.</summary>
    public string Site { get; }

    public string Port { get; private set; } = "";

    public string Log => _process.Output;

    public static async Task<AuthorizerApp> StartAsync()
    {
        var app = new AuthorizerApp();
        try
        {
            await Deadline.UntilAsync("samples/Authorizer is ready", () => app._process.HasExited
                ? throw new InvalidOperationException($"It ended.\n{app._process.Output}")
                : Task.FromResult(app._process.Output.Contains("Application started", StringComparison.Ordinal)));
            app.Port = Address().Match(app._process.Output).Groups[1].Value;
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    [GeneratedRegex(@"Now listening on: fastcgi://127\.0\.0\.1:(\d+)")]
    private static partial Regex Address();
}
