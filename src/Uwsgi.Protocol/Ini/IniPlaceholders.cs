using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.Ini;

/// <summary>
/// What stands in the place of names: <c>$(HOME)</c> is the environment's, <c>@(file)</c> a file's text, <c>%(name)</c> the first
/// value of another option, in this order. A name that nobody knows stays as it is written.
/// </summary>
internal sealed class IniPlaceholders(IReadOnlyList<IniAssignment> assignments, IReadOnlyDictionary<string, int> first, IniFiles files, ICollection<string> used)
{
    private const int Deepest = 64;

    private readonly Dictionary<int, string> _known = [];
    private readonly HashSet<int> _open = [];

    /// <summary>An option's value.</summary>
    public string Resolve(int index)
    {
        if (_known.TryGetValue(index, out var known))
        {
            return known;
        }

        var (key, value, position) = assignments[index];
        if (!_open.Add(index))
        {
            throw position.Error($"'{key}' is made of itself: {value}");
        }

        if (_open.Count > Deepest)
        {
            throw position.Error($"more than {Deepest} options are made of each other.");
        }

        value = Expand(value, position);
        _open.Remove(index);
        return _known[index] = value;
    }

    /// <summary>A text's value.</summary>
    public string Expand(string text, IniPosition position)
    {
        text = Replace(text, '$', Environment.GetEnvironmentVariable, position);
        text = Replace(text, '@', path => TextOf(path, position), position);
        return Replace(text, '%', Compute, position);
    }

    private string Replace(string text, char symbol, Func<string, string?> find, IniPosition position)
    {
        var (open, copied) = (-1, 0);
        StringBuilder? result = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == symbol && i + 1 < text.Length && text[i + 1] == '(')
            {
                open = i++;
            }
            else if (text[i] == ')' && open >= 0)
            {
                if (i > open + 2 && find(text[(open + 2)..i]) is { } value)
                {
                    result = (result ?? new()).Append(text, copied, open - copied).Append(value);
                    copied = i + 1;
                    files.Count(result.Length, position);
                }

                open = -1;
            }
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    private string TextOf(string path, IniPosition position)
    {
        var text = files.Read(path, position);
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>
    /// A name, or names and numbers with spaces between: side by side they are one text, and with <c>+ - * / ++ --</c> a number, from left
    /// to right.
    /// </summary>
    private string? Compute(string expression)
    {
        if (!expression.Contains(' ', StringComparison.Ordinal))
        {
            return Find(expression);
        }

        string? result = null;
        var operation = "";
        foreach (var token in expression.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (token is "++" or "--")
            {
                result = Number(Number(result) + (token == "++" ? 1 : -1));
                operation = "";
            }
            else if (token is "+" or "-" or "*" or "/")
            {
                operation = token;
            }
            else
            {
                result = Combine(result, operation, Find(token) ?? token);
                operation = "";
            }
        }

        return result;
    }

    private static string Combine(string? left, string operation, string right) => operation switch
    {
        "+" => Number(Number(left) + Number(right)),
        "-" => Number(Number(left) - Number(right)),
        "*" => Number(Number(left) * Number(right)),
        "/" => Number(Divide(Number(left), Number(right))),
        _ => left + right,
    };

    // By nothing it is 0, as in uWSGI; by -1 the most negative number overflows, and others do not.
    private static long Divide(long left, long right) => right switch { 0 => 0, -1 => -left, _ => left / right };

    private string? Find(string name)
    {
        if (!first.TryGetValue(name, out var index))
        {
            return null;
        }

        used.Add(name);
        return Resolve(index);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    // atoi(3): the digits in front.
    private static long Number(string? text)
    {
        var digits = text.AsSpan().TrimStart();
        var length = digits.StartsWith("-") || digits.StartsWith("+") ? 1 : 0;
        while (length < digits.Length && char.IsAsciiDigit(digits[length]))
        {
            length++;
        }

        return long.TryParse(digits[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
