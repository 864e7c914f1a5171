namespace Uwsgi.Protocol.RequestLog;

/// <summary>What a piece of a line says. Those with a name in <see cref="LogFormat"/> can be asked for by it.</summary>
internal enum LogVariable
{
    /// <summary>The format's own text.</summary>
    Literal,

    // The request, as its client and its front end sent it.
    Uri,
    Method,
    User,
    Address,
    Host,
    Protocol,
    UserAgent,
    Referer,
    ContentLength,
    Modifier1,
    Modifier2,
    VariableCount,
    PacketSize,

    /// <summary>A variable of the request by its name: <c>%(var.KEY)</c>.</summary>
    RequestVariable,

    /// <summary>What the app has said by <c>SetUwsgiLogVariable</c>.</summary>
    AppVariable,

    // The response.
    Status,
    BodySize,
    HeadSize,
    Size,
    HeaderCount,
    WriteErrors,
    ReadErrors,
    Errors,

    /// <summary>Why the request ended, in the words of <c>error.type</c>: no variable of uWSGI's.</summary>
    End,

    // Time.
    Microseconds,
    Milliseconds,
    Seconds,
    StartSeconds,
    StartMilliseconds,
    StartMicroseconds,
    StartCtime,
    StartClf,
    StartFormatted,
    NowSeconds,

    // The process.
    ProcessId,
    WorkerId,
    Core,
    Switches,
    VirtualMemory,
    ResidentMemory,
    VirtualMegabytes,
    ResidentMegabytes,
}
