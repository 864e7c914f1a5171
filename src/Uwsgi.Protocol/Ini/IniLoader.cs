namespace Uwsgi.Protocol.Ini;

/// <summary>Reads a file and what it includes: the directives of the configuration itself are carried out, the options are kept.</summary>
internal sealed class IniLoader
{
    private const int DeepestInclude = 16;
    private const int MostOptions = 10_000;

    private readonly IniFiles _files = new();
    private readonly List<IniAssignment> _options = [];
    private readonly Dictionary<string, int> _first = new(StringComparer.Ordinal);
    private readonly HashSet<string> _placeholders = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];
    private readonly Queue<IniAssignment> _inherited = [];
    private readonly Stack<string> _including = [];
    private IniMagic? _outermost;

    /// <summary>Reads the file that is loaded first.</summary>
    public void Load(Stream stream, string path, string section)
    {
        Read(_files.Read(stream, new IniPosition(path, 1)), path, section, path);

        // Their options come behind all others, and may inherit in turn.
        while (_inherited.TryDequeue(out var inherit))
        {
            Include(inherit, path);
        }
    }

    /// <summary>Replaces the placeholders, for which all options had to be there.</summary>
    public IniFile Finish()
    {
        var placeholders = Placeholders();
        IniAssignment[] options = [.. _options.Select((option, i) => option with { Value = placeholders.Resolve(i) })];
        return new IniFile([.. options.Where(option => !IsDirective(option.Key))], _placeholders, _warnings);
    }

    private static bool IsDirective(string key) => key is "ini" or "include" or "inherit" or "set" or "set-ph" or "set-placeholder";

    private IniPlaceholders Placeholders() => new(_options, _first, _files, _placeholders);

    private void Read(string text, string path, string section, string argument)
    {
        var found = new List<string>();
        var magic = new IniMagic(path, section, argument, _outermost);
        _outermost ??= magic;
        _including.Push($"{path}:{section}");
        IniBlock? block = null;
        foreach (var option in IniText.Read(text, path, section, magic.Replace, found))
        {
            if (IniBlock.IsEnd(option.Key))
            {
                block = block is null ? throw option.Position.Error($"'{option.Key}' ends nothing.") : null;
            }
            else if (Open(option) is { } opened)
            {
                block = block is null ? opened : throw option.Position.Error(
                    $"'{option.Key}' stands inside '{block.Opening.Key}' of line {block.Opening.Position.Line}. One cannot be inside another.");
            }
            else
            {
                foreach (var expanded in block?.Expand(option) ?? [option])
                {
                    Add(expanded, path);
                }
            }
        }

        if (block is not null)
        {
            throw block.Opening.Position.Error($"'{block.Opening.Key}' has no end.");
        }

        if (!found.Contains(section))
        {
            throw new IniPosition(path, 1).Error($"there is no section [{section}]" + (found.Count > 0 ? $", but [{string.Join("], [", found.Distinct())}]." : "."));
        }

        _including.Pop();
    }

    private IniBlock? Open(IniAssignment option) =>
        option.Key.StartsWith("for", StringComparison.Ordinal) || option.Key.StartsWith("if", StringComparison.Ordinal)
            ? IniBlock.Open(option with { Value = Expand(option) }, _files, MostOptions, Find, _warnings)
            : null;

    private void Add(IniAssignment option, string path)
    {
        if (_options.Count == MostOptions)
        {
            throw option.Position.Error($"more than {MostOptions} options.");
        }

        _files.Count(option.Value.Length, option.Position);
        _first.TryAdd(option.Key, _options.Count);
        _options.Add(option);
        switch (option.Key)
        {
            case "ini" or "include":
                Include(option with { Value = Expand(option) }, path);
                break;
            case "inherit":
                _inherited.Enqueue(option with { Value = Expand(option) });
                break;
            case "set":
                _ = Set(option, path);
                break;
            case "set-ph" or "set-placeholder":
                _placeholders.Add(Set(option, path));
                break;
        }
    }

    private string Set(IniAssignment option, string path)
    {
        var equals = option.Value.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw option.Position.Error($"{option.Key} = {option.Value}: name=value is expected.");
        }

        var name = option.Value[..equals];
        Add(new IniAssignment(name, option.Value[(equals + 1)..], option.Position), path);
        return name;
    }

    private void Include(IniAssignment include, string from)
    {
        IniFiles.ThrowIfScheme(include.Value, include.Position);
        var (file, section) = IniFile.Split(include.Value);
        var path = file.Length == 0 ? from : Path.GetFullPath(file);
        if (Path.GetExtension(path) is ".xml" or ".yml" or ".yaml" or ".json" or ".js")
        {
            throw include.Position.Error($"'{include.Value}': of uWSGI's formats only ini is read. JSON can be the app's own: appsettings.json, with a section uwsgi.");
        }

        if (_including.Contains($"{path}:{section}"))
        {
            throw include.Position.Error($"'{include.Value}' includes itself.");
        }

        if (_including.Count == DeepestInclude)
        {
            throw include.Position.Error($"'{include.Value}': more than {DeepestInclude} files include each other.");
        }

        Read(_files.Read(path, include.Position), path, section, include.Value);
    }

    private string Expand(IniAssignment option) => Placeholders().Expand(option.Value, option.Position);

    private string? Find(string name)
    {
        if (!_first.TryGetValue(name, out var index))
        {
            return null;
        }

        _placeholders.Add(name);
        return Placeholders().Resolve(index);
    }
}
