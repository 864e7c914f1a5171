using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Uwsgi.Protocol.Ini;

/// <summary>The limits that the section sets.</summary>
internal sealed class LimitSettings(UwsgiSection section)
{
    // As many bytes as a body may have where uWSGI's limit-post is 0, which is no limit.
    private readonly long? _bodySize = section.Number("limit-post", 0, long.MaxValue);

    private readonly int? _variablesSize = (int?)section.Number("buffer-size", 1, 16 * 1024 * 1024);
    private readonly int? _variableCount = (int?)section.Number("max-vars", 1, int.MaxValue);
    private readonly long? _seconds = section.Number("socket-timeout", 1, int.MaxValue);

    /// <summary>Sets them when the app starts.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.Configure<UwsgiProtocolOptions>(options => Set(options.Limits));

        // What is ours follows.
        services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MaxRequestBodySize = _bodySize is 0 ? null : _bodySize ?? kestrel.Limits.MaxRequestBodySize);
    }

    private void Set(UwsgiProtocolLimits limits)
    {
        limits.MaxRequestVariablesSize = _variablesSize ?? limits.MaxRequestVariablesSize;
        limits.MaxRequestVariableCount = _variableCount ?? limits.MaxRequestVariableCount;
        if (_seconds is { } seconds)
        {
            limits.RequestHeadTimeout = TimeSpan.FromSeconds(seconds);
        }
    }
}
