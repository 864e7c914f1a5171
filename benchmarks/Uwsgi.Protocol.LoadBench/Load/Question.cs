using System.Globalization;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>What is asked, and the answer that is right.</summary>
internal sealed record Question(string Path, byte[] Answer, byte[]? Body = null)
{
    public static Question Hello { get; } = new("/", Padded(13));

    public static Question TenKilobytes { get; } = new("/10k", Padded(10 * 1024));

    public static Question OneMegabyte { get; } = new("/1m", Padded(1024 * 1024));

    public static Question Upload { get; } = new("/upload", "1048576"u8.ToArray(), Padded(1024 * 1024));

    public string Method => Body is null ? "GET" : "POST";

    public string ContentLength => Body?.Length.ToString(CultureInfo.InvariantCulture) ?? "";

    private static byte[] Padded(int length)
    {
        var text = new byte[length];
        text.AsSpan().Fill((byte)'.');
        "Hello, World!"u8.CopyTo(text);
        return text;
    }
}
