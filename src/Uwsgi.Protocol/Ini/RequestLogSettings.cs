using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.RequestLog;

namespace Uwsgi.Protocol.Ini;

/// <summary>What the section says of the request log. uWSGI logs unless it is told not to; here it is told to, by any of its options.</summary>
internal sealed class RequestLogSettings
{
    private const string FilePrefix = "file:";

    private readonly UwsgiSection _section;
    private readonly UwsgiRequestLogOptions _result = new();
    private readonly List<Action<UwsgiRequestLogOptions>> _steps = [];

    public RequestLogSettings(UwsgiSection section)
    {
        _section = section;
        Text("log-format", static (options, value) => options.Format = value);
        Text("logto", static (options, value) => options.File = Path.GetFullPath(value));
        Text("req-logger", static (options, value) => options.File = Path.GetFullPath(FileOf(value)));
        Text("logfile-chmod", static (options, value) => options.FileMode = OctalMode.Parse(value));
        Flag("logfile-chown", (options, value) => (options.FileOwner, options.FileGroup) = value ? (section.Last("uid"), section.Last("gid")) : default);
        Number("log-maxsize", long.MaxValue, static (options, value) => options.MaxFileSize = value == 0 ? null : value);
        Text("log-backupname", static (options, value) => options.BackupFile = Path.GetFullPath(value));
        Flag("disable-logging", static (options, value) => options.LogAll = !value);
        Flag("log-zero", static (options, value) => options.LogEmpty = value);
        Flag("log-4xx", static (options, value) => options.Log4xx = value);
        Flag("log-5xx", static (options, value) => options.Log5xx = value);
        Flag("log-ioerror", static (options, value) => options.LogErrors = value);
        Flag("log-micros", static (options, value) => options.UseMicroseconds = value);
        Flag("log-x-forwarded-for", static (options, value) => options.UseForwardedFor = value);
        Number("log-slow", int.MaxValue, static (options, value) => options.LogSlowerThan = TimeSpan.FromMilliseconds(value));
        Number("log-big", long.MaxValue, static (options, value) => options.LogLargerThan = value);
        var time = section.Last("log-date");
        Flag("log-format-strftime", (options, value) => options.TimeFormat = value ? time : null);
    }

    /// <summary>Whether something is said of it, and there is a request that is logged.</summary>
    private bool IsOn => _steps.Count > 0 && (_result.LogAll || _result.LogEmpty || _result.Log4xx || _result.Log5xx || _result.LogErrors
        || _result.LogSlowerThan is not null || _result.LogLargerThan is not null);

    /// <summary>Switches it on.</summary>
    public void AddTo(IServiceCollection services)
    {
        if (IsOn)
        {
            RequestLogServices.Add(services, options => _steps.ForEach(step => step(options)));
        }
    }

    private static string FileOf(string logger) => logger.StartsWith(FilePrefix, StringComparison.Ordinal)
        ? logger[FilePrefix.Length..]
        : throw new FormatException($"'{logger}': of uWSGI's loggers there is file:path; others are ILogger's.");

    private void Text(string name, Action<UwsgiRequestLogOptions, string> set) => _section.Each(name, value => Add(options => set(options, value)));

    private void Flag(string name, Action<UwsgiRequestLogOptions, bool> set) =>
        Text(name, (options, value) => set(options, UwsgiOption.IsTrue(value)));

    private void Number(string name, long most, Action<UwsgiRequestLogOptions, long> set)
    {
        if (_section.Number(name, 0, most) is { } value)
        {
            Add(options => set(options, value));
        }
    }

    // Once here: what is wrong is told before the app is built.
    private void Add(Action<UwsgiRequestLogOptions> step)
    {
        step(_result);
        _steps.Add(step);
    }
}
