using Uwsgi.Protocol.Ini;

namespace Microsoft.Extensions.Configuration;

/// <summary>Adds configuration in uWSGI's ini format.</summary>
public static class UwsgiIniConfigurationExtensions
{
    /// <summary>
    /// Adds a <c>uwsgi.ini</c>: its options become keys of the section <c>uwsgi</c>, such as <c>uwsgi:harakiri</c>, or <c>uwsgi:socket:0</c> of
    /// those that may be there several times. <c>builder.WebHost.UseUwsgiProtocol(builder.Configuration)</c> does what they say.
    /// </summary>
    /// <param name="builder">The app's configuration.</param>
    /// <param name="path">
    /// The file, relative to the app's content root. <c>uwsgi.ini:name</c> is its section <c>[name]</c>, which is otherwise <c>[uwsgi]</c>.
    /// </param>
    /// <param name="optional">Whether the file may be missing. Defaults to <see langword="false"/>.</param>
    /// <param name="reloadOnChange">
    /// Whether the keys change with the file, those that it includes apart. The server has read them by then: it is the app's own use of them that changes.
    /// A change that makes the file wrong is left out. Defaults to <see langword="false"/>.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, and it is not optional.</exception>
    /// <exception cref="InvalidDataException">The file is wrong; the inner exception names the line.</exception>
    public static IConfigurationBuilder AddUwsgiIni(this IConfigurationBuilder builder, string path, bool optional = false, bool reloadOnChange = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return builder.Add<UwsgiIniConfigurationSource>(source =>
        {
            (source.Path, source.Section) = IniFile.Split(path);
            source.Optional = optional;
            source.ReloadOnChange = reloadOnChange;
            source.ResolveFileProvider();
        });
    }
}
