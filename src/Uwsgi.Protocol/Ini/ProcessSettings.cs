using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Uwsgi.Protocol.Ini;

/// <summary>What the section says of the process: done at once, because what comes behind depends on it.</summary>
internal sealed class ProcessSettings
{
    // More would be memory for their stacks and nothing else.
    private const int MostThreads = 4096;

    private readonly UwsgiSection _section;

    public ProcessSettings(UwsgiSection section)
    {
        _section = section;

        // Before the working directory changes: that is where uWSGI writes them, but for the second one.
        PidFiles = FullPaths("pidfile");
        SafePidFiles = FullPaths("safe-pidfile");
    }

    /// <summary>Files that get the process's number before the start.</summary>
    public IReadOnlyList<string> PidFiles { get; }

    /// <summary>Files that get it when the app listens.</summary>
    public IReadOnlyList<string> SafePidFiles { get; }

    /// <summary>Does it.</summary>
    /// <param name="configuration">The app's configuration, which reads the environment again.</param>
    public void Apply(IConfiguration configuration)
    {
        foreach (var variable in _section.All("env"))
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            SetVariable("env", equals < 0 ? variable : variable[..equals], equals < 0 ? null : variable[(equals + 1)..]);
        }

        foreach (var name in _section.All("unenv"))
        {
            SetVariable("unenv", name, null);
        }

        foreach (var environment in (configuration as IConfigurationRoot)?.Providers.OfType<EnvironmentVariablesConfigurationProvider>() ?? [])
        {
            environment.Load();
        }

        if (_section.Last("chdir") is { } directory)
        {
            ChangeDirectory(directory);
        }

        // At least: those who wait hold none, and more come by and by.
        if (_section.Number("threads", 1, MostThreads) is { } threads)
        {
            ThreadPool.GetMinThreads(out var workers, out var completions);
            ThreadPool.SetMinThreads(Math.Max(workers, (int)threads), completions);
        }
    }

    private List<string> FullPaths(string name) => [.. _section.All(name).Where(static path => path.Length > 0).Select(Path.GetFullPath)];

    private void SetVariable(string option, string name, string? value)
    {
        try
        {
#pragma warning disable RS0030 // The operator's, and no request's.
            Environment.SetEnvironmentVariable(name, value);
#pragma warning restore RS0030
        }
        catch (ArgumentException e)
        {
            _section.Error(option, $"'{name}' is no name of a variable: {e.Message}");
        }
    }

    private void ChangeDirectory(string directory)
    {
        try
        {
            Directory.SetCurrentDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _section.Error("chdir", e.Message);
        }
    }
}
