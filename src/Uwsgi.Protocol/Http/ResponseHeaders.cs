using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// The headers of a response. A name or value that could end its line is refused when it is set: that is where the app can be told.
/// </summary>
/// <remarks>RFC 9110, section 5.5. As Kestrel does, with the same exceptions.</remarks>
internal sealed class ResponseHeaders(Func<string, Encoding?> encodingSelector) : IHeaderDictionary
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> AsciiValueCharacters = SearchValues.Create(
        "\t" + new string([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(c => (char)c)]));

    private readonly HeaderDictionary _headers = [];

    public int Count => _headers.Count;

    public bool IsReadOnly { get; private set; } = true;

    public ICollection<string> Keys => _headers.Keys;

    public ICollection<StringValues> Values => _headers.Values;

    public long? ContentLength
    {
        get => _headers.ContentLength;
        set
        {
            ThrowIfReadOnly();
            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            _headers.ContentLength = value;
        }
    }

    public StringValues this[string key]
    {
        get => _headers[key];
        set
        {
            ThrowIfReadOnly();
            Validate(key, value);
            _headers[key] = value;
        }
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => ((IDictionary<string, StringValues>)_headers)[key];
        set => this[key] = value;
    }

    public void Add(string key, StringValues value)
    {
        ThrowIfReadOnly();
        Validate(key, value);
        _headers.Add(key, value);
    }

    public void Add(KeyValuePair<string, StringValues> item) => Add(item.Key, item.Value);

    public bool Remove(string key)
    {
        ThrowIfReadOnly();
        return _headers.Remove(key);
    }

    public bool Remove(KeyValuePair<string, StringValues> item)
    {
        ThrowIfReadOnly();
        return _headers.Remove(item);
    }

    public void Clear()
    {
        ThrowIfReadOnly();
        _headers.Clear();
    }

    public bool ContainsKey(string key) => _headers.ContainsKey(key);

    public bool Contains(KeyValuePair<string, StringValues> item) => _headers.Contains(item);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value) => _headers.TryGetValue(key, out value);

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex) => _headers.CopyTo(array, arrayIndex);

    public HeaderDictionary.Enumerator GetEnumerator() => _headers.GetEnumerator();

    IEnumerator<KeyValuePair<string, StringValues>> IEnumerable<KeyValuePair<string, StringValues>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>How a header's value becomes bytes; null is ASCII.</summary>
    public Encoding? EncodingOf(string name) => encodingSelector(name);

    public void SetReadOnly() => IsReadOnly = true;

    /// <summary>Empty, and open to the app.</summary>
    public void Begin()
    {
        _headers.Clear();
        IsReadOnly = false;
    }

    /// <summary>Empty, and closed: what is set between two requests would be the next one's.</summary>
    public void End()
    {
        IsReadOnly = true;
        _headers.Clear();
    }

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException("Headers are read-only, response has already started.");
        }
    }

    private void Validate(string name, StringValues values)
    {
        if (string.IsNullOrEmpty(name) || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new InvalidOperationException($"Invalid character in response header name '{Printable(name)}'.");
        }

        if (name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase))
        {
            ValidateLength(values);
        }

        foreach (var value in values)
        {
            var at = value.AsSpan().IndexOfAnyExcept(AsciiValueCharacters);
            if (at < 0)
            {
                continue;
            }

            var c = value![at];
            if (c < 0x80 || encodingSelector(name) is null || value.AsSpan(at).IndexOfAnyInRange('\0', '\x1f') >= 0)
            {
                throw new InvalidOperationException($"Invalid non-ASCII or control character in response header '{name}': 0x{(int)c:X4}");
            }
        }
    }

    // Anything else would stand beside the length that the server finds out.
    private static void ValidateLength(StringValues values)
    {
        if (values.Count > 1
            || (values.Count == 1
                && (string.IsNullOrEmpty(values[0])
                    || values[0].AsSpan().ContainsAnyExceptInRange('0', '9')
                    || !long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))))
        {
            throw new InvalidOperationException($"Invalid Content-Length: \"{Printable(values)}\". Value must be a positive integral number.");
        }
    }

    private static string Printable(string? name) =>
        new([.. (name ?? "").Select(c => char.IsControl(c) ? '?' : c)]);
}
