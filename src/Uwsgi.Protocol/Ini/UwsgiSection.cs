using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Uwsgi.Protocol.Ini;

/// <summary>The section <c>uwsgi</c> of an app's configuration, whatever it comes from: uWSGI's options under their names.</summary>
internal sealed class UwsgiSection
{
    /// <summary>The section's name.</summary>
    public const string Name = "uwsgi";

    private readonly Dictionary<string, UwsgiSetting> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly UwsgiIniConfigurationProvider[] _files;
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings;
    private readonly HashSet<string> _read = [];

    public UwsgiSection(IConfiguration configuration)
    {
        _files = configuration is IConfigurationRoot root ? [.. root.Providers.OfType<UwsgiIniConfigurationProvider>()] : [];
        _warnings = [.. _files.SelectMany(static file => file.Warnings)];
        foreach (var child in configuration.GetSection(Name).GetChildren())
        {
            Add(child);
        }

        var isStrict = Flag("strict") ?? true;
        foreach (var setting in _settings.Values)
        {
            Check(setting, isStrict);
        }
    }

    /// <summary>The options, by name.</summary>
    public IEnumerable<UwsgiSetting> Settings => _settings.Values.OrderBy(static setting => setting.Name, StringComparer.Ordinal);

    /// <summary>What is to be told at the start, and stops nothing.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The options that somebody has asked for.</summary>
    public IReadOnlySet<string> Read => _read;

    /// <summary>All values of an option.</summary>
    public IReadOnlyList<string> All(string name)
    {
        _read.Add(name);
        return _settings.TryGetValue(name, out var setting) ? setting.Values : [];
    }

    /// <summary>The value that counts; null where there is none.</summary>
    public string? Last(string name) => All(name) is [.., var last] ? last : null;

    /// <summary>Whether it is yes or no; null where nothing is said.</summary>
    public bool? Flag(string name) => Last(name) is { } value ? UwsgiOption.IsTrue(value) : null;

    /// <summary>A number; null where there is none, or one that is told of as wrong.</summary>
    public long? Number(string name, long least, long most)
    {
        if (Last(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Error(name, $"'{text}' is not a number from {least} to {most}. (Comments have lines of their own.)");
        return null;
    }

    /// <summary>Does something with each value that counts; what it throws at one is kept as wrong.</summary>
    public void Each(string name, Action<string> use)
    {
        var values = All(name);
        foreach (var value in _settings.TryGetValue(name, out var setting) && setting.Option?.Kind is not UwsgiOptionKind.List ? values.TakeLast(1) : values)
        {
            try
            {
                use(value);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                Error(name, e.Message);
            }
        }
    }

    /// <summary>Keeps what is wrong with an option: all that is wrong is told at once.</summary>
    public void Error(string name, string what) => _errors.Add($"{PlaceOf(name)}: {name}: {what}");

    /// <summary>Keeps what is to be told of an option and stops nothing.</summary>
    public void Warn(string name, string what) => _warnings.Add($"{PlaceOf(name)}: {name} {what}");

    /// <exception cref="FormatException">Something was wrong.</exception>
    public void ThrowIfWrong()
    {
        if (_errors.Count > 0)
        {
            throw new FormatException($"The section {Name} of the configuration: {string.Join(Environment.NewLine, _errors)}");
        }
    }

    private void Add(IConfigurationSection child)
    {
        _ = UwsgiOptionTable.TryFind(child.Key, out var option);
        var name = option?.NameOf(child.Key) ?? child.Key;
        IConfigurationSection[] values = [.. new[] { child }.Concat(child.GetChildren()).Where(static value => value.Value is not null)];
        if (values.Length == 0)
        {
            return;
        }

        var setting = new UwsgiSetting(name, option, [.. values.Select(static value => value.Value!)], PlaceOf(values[^1]));
        if (!_settings.TryGetValue(name, out var other))
        {
            _settings[name] = setting;
        }
        else if (option?.Kind is UwsgiOptionKind.List)
        {
            _settings[name] = setting with { Values = [.. other.Values, .. setting.Values] };
        }
        else
        {
            Error(name, $"it is also written {child.Key} ({setting.Place}), and one of them can count: write {name}.");
        }
    }

    private void Check(UwsgiSetting setting, bool isStrict)
    {
        var option = setting.Option;
        if (option is null)
        {
            if (!Array.Exists(_files, file => file.IsPlaceholder(setting.Name)))
            {
                var suggestion = UwsgiOptionTable.Suggest(setting.Name);
                Tell(isStrict, setting.Name, "is no option of uWSGI's" + (suggestion is null ? "." : $"; '{suggestion}' is."));
            }
        }
        else if (option.Role is UwsgiOptionRole.Refused or UwsgiOptionRole.Dangerous)
        {
            Tell(isStrict || option.Role is UwsgiOptionRole.Dangerous, setting.Name, $"{option.Note}.");
        }
        else if (option.Role is UwsgiOptionRole.AlwaysSo ? setting.IsOff : option.Role is UwsgiOptionRole.Kept && !setting.IsOff)
        {
            Warn(setting.Name, option.Role is UwsgiOptionRole.AlwaysSo ? $"{option.Note}, and cannot be turned off." : $"{option.Note}; it does nothing here.");
        }
    }

    private void Tell(bool isError, string name, string what)
    {
        if (isError)
        {
            Error(name, what);
        }
        else
        {
            Warn(name, what);
        }
    }

    private string PlaceOf(string name) => _settings.TryGetValue(name, out var setting) ? setting.Place : $"{Name}:{name}";

    private string PlaceOf(IConfigurationSection value) =>
        _files.Select(file => file.Find(value.Path, value.Value)).FirstOrDefault(static position => position is not null)?.ToString() ?? value.Path;
}
