namespace Uwsgi.Protocol.Wire;

/// <summary>What a FastCGI record is. The wire name is in each summary; other values may come, and are answered with <see cref="UnknownType"/>.</summary>
/// <remarks>FastCGI 1.0, section 8.</remarks>
public enum FastCgiRecordType : byte
{
    /// <summary>No type: never on the wire.</summary>
    None = 0,

    /// <summary>FCGI_BEGIN_REQUEST: a request starts. Section 5.1.</summary>
    BeginRequest = 1,

    /// <summary>FCGI_ABORT_REQUEST: the front end no longer wants the answer. Section 5.4.</summary>
    AbortRequest = 2,

    /// <summary>FCGI_END_REQUEST: the request is over. Section 5.5.</summary>
    EndRequest = 3,

    /// <summary>FCGI_PARAMS: a stream of name-value pairs, the variables. Section 5.2.</summary>
    Params = 4,

    /// <summary>FCGI_STDIN: a stream, the request's body. Section 5.3.</summary>
    Stdin = 5,

    /// <summary>FCGI_STDOUT: a stream, the response. Section 5.3.</summary>
    Stdout = 6,

    /// <summary>FCGI_STDERR: a stream, what went wrong, for the front end's log. Section 5.3.</summary>
    Stderr = 7,

    /// <summary>FCGI_DATA: a stream, the file that a Filter works on. Section 5.3.</summary>
    Data = 8,

    /// <summary>FCGI_GET_VALUES: a management record that asks what the application can do. Section 4.1.</summary>
    GetValues = 9,

    /// <summary>FCGI_GET_VALUES_RESULT: the answer. Section 4.1.</summary>
    GetValuesResult = 10,

    /// <summary>FCGI_UNKNOWN_TYPE: the answer to a management record of a type that is not known. Section 4.2.</summary>
    UnknownType = 11,
}
