using System.Text;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>A record as the peer received it, taken apart by other code than the server's.</summary>
internal sealed record FastCgiRecord(byte Type, int Id, byte[] Content, byte[] Padding)
{
    public const byte BeginRequest = 1;
    public const byte AbortRequest = 2;
    public const byte EndRequest = 3;
    public const byte Params = 4;
    public const byte Stdin = 5;
    public const byte Stdout = 6;
    public const byte Data = 8;
    public const byte GetValues = 9;
    public const byte GetValuesResult = 10;
    public const byte UnknownType = 11;

    /// <summary>The content as Latin-1.</summary>
    public string Text => Encoding.Latin1.GetString(Content);

    /// <summary>Takes all whole records off the front.</summary>
    public static List<FastCgiRecord> TakeAll(List<byte> bytes)
    {
        var records = new List<FastCgiRecord>();
        var all = bytes.ToArray();
        var at = 0;
        while (all.Length - at >= 8)
        {
            Assert.Equal(1, all[at]);
            Assert.Equal(0, all[at + 7]);
            var content = (all[at + 4] << 8) | all[at + 5];
            var end = at + 8 + content + all[at + 6];
            if (end > all.Length)
            {
                break;
            }

            records.Add(new FastCgiRecord(
                all[at + 1], (all[at + 2] << 8) | all[at + 3], all[(at + 8)..(at + 8 + content)], all[(at + 8 + content)..end]));
            at = end;
        }

        bytes.RemoveRange(0, at);
        return records;
    }
}
