using Microsoft.Extensions.Configuration;

namespace Uwsgi.Protocol.Ini;

/// <summary>A file in uWSGI's ini format, among an app's configuration.</summary>
internal sealed class UwsgiIniConfigurationSource : FileConfigurationSource
{
    /// <summary>The section of the file.</summary>
    public string Section { get; set; } = IniFile.DefaultSection;

    /// <inheritdoc/>
    public override IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        EnsureDefaults(builder);
        return new UwsgiIniConfigurationProvider(this);
    }
}
