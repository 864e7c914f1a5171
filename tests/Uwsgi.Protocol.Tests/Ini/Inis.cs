using System.Text;
using Uwsgi.Protocol.Ini;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>Files in uWSGI's format, without files where they need none.</summary>
internal static class Inis
{
    /// <summary>Where a file without a file is said to be.</summary>
    public const string Path = "/etc/app/main.ini";

    public static IniFile Load(byte[] bytes, string path = Path, string section = IniFile.DefaultSection) =>
        IniFile.Load(new MemoryStream(bytes), path, section);

    /// <summary>The options of a section [uwsgi] with these lines, each as <c>key=value</c>.</summary>
    public static string[] Read(string lines) => Show(Load(Encoding.UTF8.GetBytes($"[uwsgi]\n{lines}")));

    public static string[] Show(IniFile file) => [.. file.Options.Select(option => $"{option.Key}={option.Value}")];

    /// <summary>What is said of a section with these lines, the first of which is line 2.</summary>
    public static string ErrorOf(string lines) => Assert.Throws<FormatException>(() => Read(lines)).Message;
}
