using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Uwsgi.Protocol.Ini;

/// <summary>A file in uWSGI's ini format as keys of configuration: <c>uwsgi:harakiri</c>, and <c>uwsgi:socket:0</c> of what may stand there several times.</summary>
internal sealed class UwsgiIniConfigurationProvider(UwsgiIniConfigurationSource source) : FileConfigurationProvider(source)
{
    private readonly string _section = source.Section;
    private Dictionary<string, IniPosition> _positions = [];
    private IniFile? _file;

    /// <summary>What went wrong in the file and stopped nothing.</summary>
    public IReadOnlyList<string> Warnings => _file?.Warnings ?? [];

    /// <summary>Whether a name stands in others' values: it need not be one of uWSGI's options.</summary>
    public bool IsPlaceholder(string name) => _file?.Placeholders.Contains(name) ?? false;

    /// <summary>Where a key is written, if its value is the file's.</summary>
    public IniPosition? Find(string key, string? value) =>
        TryGet(key, out var own) && own == value && _positions.TryGetValue(key, out var position) ? position : null;

    /// <inheritdoc/>
    public override void Load(Stream stream)
    {
        var path = Source.FileProvider?.GetFileInfo(Source.Path ?? "").PhysicalPath ?? Source.Path ?? "";
        try
        {
            _file = IniFile.Load(stream, path, _section);
        }
        catch (FormatException) when (_file is not null)
        {
            // The file has been changed, and not for the better: what it said before goes on.
            return;
        }

        var (data, positions) = (new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase), new Dictionary<string, IniPosition>(StringComparer.OrdinalIgnoreCase));
        foreach (var same in _file.Options.GroupBy(static option => NameOf(option.Key), StringComparer.OrdinalIgnoreCase))
        {
            IniAssignment[] assignments = [.. same];
            UwsgiOptionTable.TryFind(same.Key, out var option);
            if (option?.Kind is UwsgiOptionKind.List || (option is null && assignments.Length > 1))
            {
                for (var i = 0; i < assignments.Length; i++)
                {
                    Add($"{same.Key}:{i.ToString(CultureInfo.InvariantCulture)}", assignments[i].Value, assignments[i].Position);
                }
            }
            else
            {
                var value = assignments[^1].Value;
                Add(same.Key, option?.Kind is UwsgiOptionKind.Flag ? UwsgiOption.IsTrue(value) ? "true" : "false" : value, assignments[^1].Position);
            }
        }

        Data = data;
        _positions = positions;

        void Add(string key, string value, IniPosition position)
        {
            key = ConfigurationPath.Combine(UwsgiSection.Name, key);
            data[key] = value;
            positions[key] = position;
        }
    }

    private static string NameOf(string written) =>
        UwsgiOptionTable.TryFind(written, out var option) ? option.NameOf(written) : written;
}
