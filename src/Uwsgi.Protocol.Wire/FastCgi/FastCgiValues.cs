using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Uwsgi.Protocol.Wire;

/// <summary>What an application can do, as it tells a front end that asks.</summary>
/// <param name="MaxConnections">How many connections it accepts at a time (FCGI_MAX_CONNS); <see langword="null"/> where it does not say.</param>
/// <param name="MaxRequests">How many requests it accepts at a time (FCGI_MAX_REQS); <see langword="null"/> where it does not say.</param>
/// <param name="MultiplexConnections">Whether one connection may carry several (FCGI_MPXS_CONNS); <see langword="null"/> where it does not say.</param>
/// <remarks>FastCGI 1.0, section 4.1: FCGI_GET_VALUES and FCGI_GET_VALUES_RESULT.</remarks>
public readonly record struct FastCgiValues(int? MaxConnections, int? MaxRequests, bool? MultiplexConnections)
{
    private const string MaxConnectionsName = "FCGI_MAX_CONNS";
    private const string MaxRequestsName = "FCGI_MAX_REQS";
    private const string MultiplexConnectionsName = "FCGI_MPXS_CONNS";

    // The longest name, and the longest number.
    private const int MaxTextSize = 15;

    /// <summary>Reads which values a front end asks for. Names that are not known are passed over, as the specification wants it.</summary>
    /// <param name="content">The content of an FCGI_GET_VALUES record, whole.</param>
    /// <returns>The names.</returns>
    /// <exception cref="WireFormatException">The pairs are malformed; the error says how.</exception>
    public static FastCgiValueNames ParseNames(in ReadOnlySequence<byte> content)
    {
        var names = FastCgiValueNames.None;
        Span<byte> text = stackalloc byte[MaxTextSize];
        var reader = new FastCgiNameValueReader(content);
        while (reader.TryRead(out var pair))
        {
            names |= Identify(Text(content, pair.NameStart, pair.NameLength, text));
        }

        return names;
    }

    /// <summary>Reads an application's answer. What is not known is passed over, and so is what is not a number.</summary>
    /// <param name="content">The content of an FCGI_GET_VALUES_RESULT record, whole.</param>
    /// <returns>The values.</returns>
    /// <exception cref="WireFormatException">The pairs are malformed; the error says how.</exception>
    public static FastCgiValues Parse(in ReadOnlySequence<byte> content)
    {
        var values = default(FastCgiValues);
        Span<byte> text = stackalloc byte[MaxTextSize];
        var reader = new FastCgiNameValueReader(content);
        while (reader.TryRead(out var pair))
        {
            var name = Identify(Text(content, pair.NameStart, pair.NameLength, text));
            if (TryParseNumber(Text(content, pair.ValueStart, pair.ValueLength, text), out var number))
            {
                values = values.With(name, number);
            }
        }

        return values;
    }

    /// <summary>The same, with only those values that were asked for.</summary>
    /// <param name="names">What was asked for.</param>
    /// <returns>The values.</returns>
    public FastCgiValues Only(FastCgiValueNames names) => new(
        names.HasFlag(FastCgiValueNames.MaxConnections) ? MaxConnections : null,
        names.HasFlag(FastCgiValueNames.MaxRequests) ? MaxRequests : null,
        names.HasFlag(FastCgiValueNames.MultiplexConnections) ? MultiplexConnections : null);

    internal static List<KeyValuePair<string, string>> ToPairs(FastCgiValueNames names)
    {
        var pairs = new List<KeyValuePair<string, string>>(3);
        Add(pairs, MaxConnectionsName, names.HasFlag(FastCgiValueNames.MaxConnections) ? "" : null);
        Add(pairs, MaxRequestsName, names.HasFlag(FastCgiValueNames.MaxRequests) ? "" : null);
        Add(pairs, MultiplexConnectionsName, names.HasFlag(FastCgiValueNames.MultiplexConnections) ? "" : null);
        return pairs;
    }

    internal List<KeyValuePair<string, string>> ToPairs()
    {
        var pairs = new List<KeyValuePair<string, string>>(3);
        Add(pairs, MaxConnectionsName, MaxConnections?.ToString(CultureInfo.InvariantCulture));
        Add(pairs, MaxRequestsName, MaxRequests?.ToString(CultureInfo.InvariantCulture));
        Add(pairs, MultiplexConnectionsName, MultiplexConnections switch { true => "1", false => "0", null => null });
        return pairs;
    }

    private static void Add(List<KeyValuePair<string, string>> pairs, string name, string? value)
    {
        if (value is not null)
        {
            pairs.Add(KeyValuePair.Create(name, value));
        }
    }

    private static FastCgiValueNames Identify(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("FCGI_MAX_CONNS"u8) ? FastCgiValueNames.MaxConnections
        : name.SequenceEqual("FCGI_MAX_REQS"u8) ? FastCgiValueNames.MaxRequests
        : name.SequenceEqual("FCGI_MPXS_CONNS"u8) ? FastCgiValueNames.MultiplexConnections
        : FastCgiValueNames.None;

    /// <summary>A short text; nothing where it is longer than any that is known.</summary>
    private static ReadOnlySpan<byte> Text(in ReadOnlySequence<byte> content, int start, int length, Span<byte> text)
    {
        if (length > text.Length)
        {
            return default;
        }

        content.Slice(start, length).CopyTo(text);
        return text[..length];
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> text, out int number) =>
        Utf8Parser.TryParse(text, out number, out var consumed) && consumed == text.Length && number >= 0;

    private FastCgiValues With(FastCgiValueNames name, int number) => name switch
    {
        FastCgiValueNames.MaxConnections => this with { MaxConnections = number },
        FastCgiValueNames.MaxRequests => this with { MaxRequests = number },
        FastCgiValueNames.MultiplexConnections => this with { MultiplexConnections = number != 0 },
        _ => this,
    };
}
