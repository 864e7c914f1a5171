namespace Uwsgi.Protocol.Ini;

/// <summary>What a file in uWSGI's ini format comes to, with all that it includes.</summary>
/// <param name="Options">The options in order; the same one may be there several times.</param>
/// <param name="Placeholders">The names that stand in others' values: they need not be options.</param>
/// <param name="Warnings">What went wrong and stopped nothing.</param>
internal sealed record IniFile(IReadOnlyList<IniAssignment> Options, IReadOnlySet<string> Placeholders, IReadOnlyList<string> Warnings)
{
    public const string DefaultSection = "uwsgi";

    /// <summary>Divides <c>uwsgi.ini:section</c>, as uWSGI writes it.</summary>
    public static (string Path, string Section) Split(string argument)
    {
        var colon = argument.LastIndexOf(':');
        return colon < 0 || argument.AsSpan(colon).ContainsAny('/', '\\') ? (argument, DefaultSection) : (argument[..colon], argument[(colon + 1)..]);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="stream">The file, open.</param>
    /// <param name="path">Its path.</param>
    /// <param name="section">The section to read.</param>
    /// <exception cref="FormatException">It is wrong somewhere; the message says where.</exception>
    public static IniFile Load(Stream stream, string path, string section)
    {
        var loader = new IniLoader();
        loader.Load(stream, path, section);
        return loader.Finish();
    }
}
