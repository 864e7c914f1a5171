using System.Globalization;
using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.Ini;

/// <summary>
/// <c>for = a b</c> or <c>if-env = NAME</c>, up to <c>end</c>: each option inside is read once for each item. A condition has one item
/// where it holds, and none where it does not.
/// </summary>
internal sealed class IniBlock
{
    private const string Item = "%(_)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> Spellings = new(StringComparer.Ordinal)
    {
        ["ifenv"] = "if-env",
        ["ifexists"] = "if-exists",
        ["ifplugin"] = "if-plugin",
        ["ifdir"] = "if-dir",
        ["if-directory"] = "if-dir",
    };

    private readonly string?[] _items;

    private IniBlock(IniAssignment opening, string?[] items)
    {
        Opening = opening;
        _items = items;
    }

    public IniAssignment Opening { get; }

    /// <summary>Whether an option is the end of a block.</summary>
    public static bool IsEnd(string key) => key is "end" or "endfor" or "end-for" or "endif" or "end-if";

    /// <summary>Opens a block; null where the option opens none.</summary>
    /// <param name="opening">The option, its placeholders replaced.</param>
    /// <param name="files">The files there are.</param>
    /// <param name="most">How many items are too many.</param>
    /// <param name="find">Finds the value that an option has so far.</param>
    /// <param name="warnings">Gets what went wrong and stops nothing.</param>
    public static IniBlock? Open(IniAssignment opening, IniFiles files, int most, Func<string, string?> find, ICollection<string> warnings)
    {
        var key = Spellings.GetValueOrDefault(opening.Key, opening.Key);
        string?[]? items = key switch
        {
            "for" => opening.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            "for-times" => Times(opening, most),
            "for-glob" => IniGlob.Expand(opening.Value, most),
            "for-readline" => Lines(opening, files, warnings),
            _ when key.StartsWith("if-not-", StringComparison.Ordinal) => Items(If(key[7..], opening, find), isNegated: true),
            _ when key.StartsWith("if-", StringComparison.Ordinal) => Items(If(key[3..], opening, find), isNegated: false),
            _ => null,
        };
        return items is null ? null : new IniBlock(opening, items);
    }

    /// <summary>What an option inside comes to.</summary>
    public IEnumerable<IniAssignment> Expand(IniAssignment inside) =>
        _items.Select(item => item is null ? inside : inside with { Value = inside.Value.Replace(Item, item, StringComparison.Ordinal) });

    private static string[] Times(IniAssignment opening, int most)
    {
        if (!int.TryParse(opening.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var times) || times > most)
        {
            throw opening.Position.Error($"for-times = {opening.Value}: a number up to {most} is expected.");
        }

        return [.. Enumerable.Range(1, times).Select(static i => i.ToString(CultureInfo.InvariantCulture))];
    }

    // uWSGI goes on without the file, and takes empty lines and comments for options.
    private static string[] Lines(IniAssignment opening, IniFiles files, ICollection<string> warnings)
    {
        IniFiles.ThrowIfScheme(opening.Value, opening.Position);
        if (!File.Exists(opening.Value))
        {
            warnings.Add($"{opening.Position}: there is no file '{opening.Value}' for for-readline; what it was to repeat is left out.");
            return [];
        }

        return [.. files.Read(opening.Value, opening.Position)
            .Split('\n')
            .Select(static line => line.TrimEnd('\r'))
            .Where(static line => line.Trim() is not ("" or ['#', ..]))];
    }

    // A condition that something is not so has nothing to put in.
    private static string?[]? Items((bool Holds, string Value)? condition, bool isNegated) =>
        condition is not { } known ? null : known.Holds == isNegated ? [] : [isNegated ? null : known.Value];

    private static (bool Holds, string Value)? If(string condition, IniAssignment opening, Func<string, string?> find)
    {
        var value = opening.Value;
        return condition switch
        {
            "env" => Equal(value, Environment.GetEnvironmentVariable),
            "opt" => Equal(value, find),
            "exists" => (Path.Exists(value), value),
            "file" => (File.Exists(value), value),
            "dir" => (Directory.Exists(value), value),
            "hostname" => (value == Environment.MachineName, value),
            "hostname-match" => (IsMatch(opening), value),

            // There are no plugins, and no process is started anew to load its configuration again.
            "plugin" or "reload" => (false, value),
            _ => null,
        };
    }

    /// <summary>A name, which has to have a value; or a name and the value it has to have.</summary>
    private static (bool Holds, string Value) Equal(string condition, Func<string, string?> find)
    {
        var equals = condition.IndexOf('=', StringComparison.Ordinal);
        var value = find(equals < 0 ? condition : condition[..equals]);
        return (value is not null && (equals < 0 || value == condition[(equals + 1)..]), value ?? "");
    }

    private static bool IsMatch(IniAssignment opening)
    {
        try
        {
            return Regex.IsMatch(Environment.MachineName, opening.Value, RegexOptions.CultureInvariant, Patience);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            throw opening.Position.Error($"'{opening.Value}' is no regular expression: {e.Message}");
        }
    }
}
