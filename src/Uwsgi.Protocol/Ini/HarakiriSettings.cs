using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Harakiri;

namespace Uwsgi.Protocol.Ini;

/// <summary>What the section says of requests that take too long.</summary>
internal sealed class HarakiriSettings(UwsgiSection section)
{
    // A day: nobody waits longer for an answer.
    private const int MostSeconds = 24 * 60 * 60;

    private readonly long? _timeout = section.Number("harakiri", 0, MostSeconds);
    private readonly long? _grace = section.Number("harakiri-graceful-timeout", 0, MostSeconds);
    private readonly bool? _isVerbose = section.Flag("harakiri-verbose");

    /// <summary>Switches it on, where a time is named.</summary>
    public void AddTo(IServiceCollection services)
    {
        if (_timeout is not > 0)
        {
            return;
        }

        services.AddHarakiri(options =>
        {
            options.Timeout = TimeSpan.FromSeconds(_timeout.Value);
            options.Grace = _grace is { } grace ? TimeSpan.FromSeconds(grace) : options.Grace;
            options.Verbose = _isVerbose ?? options.Verbose;
        });
    }
}
