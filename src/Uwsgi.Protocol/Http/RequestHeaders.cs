using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// The headers of a request, read from its variables when asked for: a request that reads three headers makes three strings.
/// Writing or enumerating makes them all.
/// </summary>
/// <remarks>One request's own: whoever keeps it reads on what was read of it, and nothing of the request that has the variables next.</remarks>
internal sealed class RequestHeaders : IHeaderDictionary
{
    private readonly CgiVariables _variables;
    private readonly Func<string, Encoding?> _encodingSelector;
    private readonly Lock _gate;
    private ReadHeader? _read;
    private HeaderDictionary? _all;
    private string _host = "";
    private long? _contentLength;
    private bool _isUpgrade;
    private bool _isDetached;

    public RequestHeaders(CgiVariables variables, Func<string, Encoding?> encodingSelector, Lock gate)
    {
        _gate = gate;
        _variables = variables;
        _encodingSelector = encodingSelector;
    }

    public int Count => All.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => All.Keys;

    public ICollection<StringValues> Values => All.Values;

    public long? ContentLength
    {
        get => _all is null ? _contentLength : _all.ContentLength;
        set => All.ContentLength = value;
    }

    private HeaderDictionary All
    {
        get
        {
            lock (_gate)
            {
                return _all ??= _isDetached ? WhatWasRead() : ReadAll();
            }
        }
    }

    public StringValues this[string key]
    {
        get => TryGetValue(key, out var value) ? value : StringValues.Empty;
        set => All[key] = value;
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => ((IDictionary<string, StringValues>)All)[key];
        set => All[key] = value;
    }

    /// <summary>Takes the headers of the request whose variables were just loaded.</summary>
    /// <param name="host">The host.</param>
    /// <param name="contentLength">The body's length, null where there is none or it is not known.</param>
    /// <param name="isUpgrade">Whether the request may be upgraded: then Connection and Upgrade are for the app, else they were the front end's.</param>
    /// <exception cref="WireFormatException">A header is malformed.</exception>
    public void Load(string host, long? contentLength, bool isUpgrade)
    {
        _host = host;
        _contentLength = contentLength;
        _isUpgrade = isUpgrade;
        for (var i = 0; i < _variables.Count; i++)
        {
            var name = _variables.GetName(i);
            if (CgiHeaderName.IsHeader(name))
            {
                Validate(name, _variables.GetValue(i));
            }
        }

        ValidateValue("CONTENT_TYPE"u8, HeaderNames.ContentType, _variables[CgiVariable.ContentType]);
    }

    /// <summary>The request has ended: its variables are another's from here on.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _isDetached = true;
        }
    }

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value)
    {
        lock (_gate)
        {
            if (_all is not null)
            {
                return _all.TryGetValue(key, out value);
            }

            if (_host.Length > 0 && Is(key, HeaderNames.Host))
            {
                value = _host;
                return true;
            }

            for (var read = _read; read is not null; read = read.Next)
            {
                if (read.Name.Equals(key, StringComparison.OrdinalIgnoreCase))
                {
                    value = read.Value;
                    return true;
                }
            }

            if (_isDetached || !TryRead(key, out value))
            {
                value = default;
                return false;
            }

            _read = new ReadHeader(key, value, _read);
            return true;
        }
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public void Add(string key, StringValues value) => All.Add(key, value);

    public void Add(KeyValuePair<string, StringValues> item) => All.Add(item);

    public bool Remove(string key) => All.Remove(key);

    public bool Remove(KeyValuePair<string, StringValues> item) => All.Remove(item);

    public void Clear() => All.Clear();

    public bool Contains(KeyValuePair<string, StringValues> item) => All.Contains(item);

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex) => All.CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, StringValues>>)All).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Is(string header, string name) => header.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Headers that spoke of the front end's connection to the client, not of the request.</summary>
    private bool IsHidden(string header) =>
        Is(header, HeaderNames.TransferEncoding) || Is(header, HeaderNames.Expect) || Is(header, HeaderNames.TE)
        || Is(header, HeaderNames.Trailer) || Is(header, HeaderNames.KeepAlive) || Is(header, HeaderNames.ProxyConnection)
        || (!_isUpgrade && (Is(header, HeaderNames.Connection) || Is(header, HeaderNames.Upgrade)));

    private bool TryRead(string header, out StringValues value)
    {
        if (TryReadMetaVariable(header, out value))
        {
            return !StringValues.IsNullOrEmpty(value);
        }

        for (var i = 0; i < _variables.Count; i++)
        {
            if (CgiHeaderName.Matches(_variables.GetName(i), header))
            {
                value = Join(header, value, Text(header, _variables.GetValue(i)));
            }
        }

        return value.Count > 0 && !IsHidden(header);
    }

    /// <summary>Headers that have a meta-variable of their own: their <c>HTTP_</c> twins are copies at best.</summary>
    private bool TryReadMetaVariable(string header, out StringValues value)
    {
        value = default;
        if (Is(header, HeaderNames.Host))
        {
            value = _host;
            return true;
        }

        if (Is(header, HeaderNames.ContentLength))
        {
            value = _contentLength is null ? default : new StringValues(Text(header, _variables[CgiVariable.ContentLength]));
            return true;
        }

        if (Is(header, HeaderNames.ContentType) && _variables.Contains(CgiVariable.ContentType))
        {
            value = Text(header, _variables[CgiVariable.ContentType]);
            return true;
        }

        return false;
    }

    private HeaderDictionary ReadAll()
    {
        var all = new HeaderDictionary();
        foreach (var name in (ReadOnlySpan<string>)[HeaderNames.Host, HeaderNames.ContentType, HeaderNames.ContentLength])
        {
            if (TryRead(name, out var value))
            {
                all[name] = value;
            }
        }

        for (var i = 0; i < _variables.Count; i++)
        {
            var variable = _variables.GetName(i);
            if (!CgiHeaderName.IsHeader(variable))
            {
                continue;
            }

            var name = CgiHeaderName.ToHeader(variable);
            if (!TryReadMetaVariable(name, out _) && !IsHidden(name) && !Is(name, HeaderNames.ContentType))
            {
                all[name] = Join(name, all[name], Text(name, _variables.GetValue(i)));
            }
        }

        return all;
    }

    private HeaderDictionary WhatWasRead()
    {
        var all = new HeaderDictionary { ContentLength = _contentLength };
        if (_host.Length > 0)
        {
            all[HeaderNames.Host] = _host;
        }

        for (var read = _read; read is not null; read = read.Next)
        {
            all[read.Name] = read.Value;
        }

        return all;
    }

    private static StringValues Join(string header, StringValues values, string next)
    {
        if (values.Count == 0)
        {
            return next;
        }

        // RFC 9113, section 8.2.3: crumbs of one cookie.
        return Is(header, HeaderNames.Cookie) ? $"{values}; {next}" : StringValues.Concat(values, next);
    }

    private string Text(string header, ReadOnlySpan<byte> value) =>
        (_encodingSelector(header) ?? Encoding.UTF8).GetString(value);

    private void Validate(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!CgiHeaderName.IsValid(name))
        {
            throw new WireFormatException(WireError.InvalidHeaderName);
        }

        ValidateValue(name, header: null, value);
    }

    private void ValidateValue(ReadOnlySpan<byte> name, string? header, ReadOnlySpan<byte> value)
    {
        if (value.IndexOfAny((byte)'\0', (byte)'\r', (byte)'\n') >= 0
            || (!Ascii.IsValid(value) && _encodingSelector(header ?? CgiHeaderName.ToHeader(name)) is null && !System.Text.Unicode.Utf8.IsValid(value)))
        {
            throw new WireFormatException(
                WireError.InvalidHeaderValue,
                $"The value of {Encoding.ASCII.GetString(name)} has a NUL or a line break, or is not UTF-8 (Kestrel's RequestHeaderEncodingSelector).");
        }
    }

    private sealed record ReadHeader(string Name, StringValues Value, ReadHeader? Next);
}
