using System.Text;

namespace Uwsgi.Protocol.Testing;

/// <summary>Everything that a peer received, and how the connection ended.</summary>
public sealed record Received(byte[] Bytes, bool IsReset)
{
    /// <summary>The bytes as Latin-1: a character is a byte.</summary>
    public string Text => Encoding.Latin1.GetString(Bytes);

    /// <summary>The status line.</summary>
    public string StatusLine => Head.Split("\r\n")[0];

    /// <summary>The status line's number; 0 where nothing came.</summary>
    public int Status => Bytes.Length == 0 ? 0 : int.Parse(StatusLine.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All up to the empty line.</summary>
    public string Head => Text[..HeadLength];

    /// <summary>What is behind the head.</summary>
    public string Body => Text[(HeadLength + 4)..];

    /// <summary>The lines of the head behind the first.</summary>
    public IEnumerable<string> Headers => Head.Split("\r\n").Skip(1);

    private int HeadLength => Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end
        ? end
        : throw new InvalidDataException($"There is no whole head in '{Text}'.");

    /// <summary>All values of a header, in their order.</summary>
    public string[] All(string name) =>
        [.. Headers.Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim())];

    /// <summary>The only value of a header; null where it is not there.</summary>
    public string? this[string name] => All(name) switch
    {
        [] => null,
        [var value] => value,
        _ => throw new InvalidDataException($"{name} is there more than once in '{Head}'."),
    };
}
