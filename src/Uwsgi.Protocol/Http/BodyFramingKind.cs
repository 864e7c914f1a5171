namespace Uwsgi.Protocol.Http;

/// <summary>By what the end of a request's body is known.</summary>
internal enum BodyFramingKind
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>By CONTENT_LENGTH.</summary>
    Length,

    /// <summary>By HTTP's last chunk.</summary>
    Chunks,

    /// <summary>By the end of the stream that carries it.</summary>
    Stream,
}
