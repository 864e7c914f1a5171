using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>All records of one request, up to FCGI_END_REQUEST.</summary>
internal sealed class FastCgiAnswer(IReadOnlyList<FastCgiRecord> records)
{
    public IReadOnlyList<FastCgiRecord> Records => records;

    /// <summary>What its stream says, without the end.</summary>
    public Received Response { get; } = new([.. records.Where(record => record.Type == FastCgiRecord.Stdout).SelectMany(record => record.Content)], IsReset: false);

    public int Status => Response.Status;

    public string Body => Response.Body;

    /// <summary>protocolStatus.</summary>
    public int ProtocolStatus => records[^1].Content[4];

    /// <summary>Whether all is as it is for a complete response: content, the empty record, the end with zeros.</summary>
    public bool IsComplete =>
        records is [.., { Type: FastCgiRecord.Stdout, Content.Length: 0 }, { Type: FastCgiRecord.EndRequest } end]
        && end.Content.All(b => b == 0)
        && records.SkipLast(1).All(record => record.Type == FastCgiRecord.Stdout)
        && records.SkipLast(2).All(record => record.Content.Length > 0);
}
