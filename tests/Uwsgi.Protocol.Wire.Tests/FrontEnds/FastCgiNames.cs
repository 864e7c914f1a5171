namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The specification's words for record types, without the <c>FCGI_</c>.</summary>
internal static class FastCgiNames
{
    public static string Of(FastCgiRecordType type) => type switch
    {
        FastCgiRecordType.BeginRequest => "BEGIN_REQUEST",
        FastCgiRecordType.AbortRequest => "ABORT_REQUEST",
        FastCgiRecordType.EndRequest => "END_REQUEST",
        FastCgiRecordType.Params => "PARAMS",
        FastCgiRecordType.Stdin => "STDIN",
        FastCgiRecordType.GetValues => "GET_VALUES",
        _ => type.ToString(),
    };
}
