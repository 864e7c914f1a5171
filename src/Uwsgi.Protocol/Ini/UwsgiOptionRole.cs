namespace Uwsgi.Protocol.Ini;

/// <summary>What becomes of one of uWSGI's options here.</summary>
internal enum UwsgiOptionRole
{
    /// <summary>It does what it does in uWSGI, or the note says what it does.</summary>
    Here,

    /// <summary>What it asks for is so without it.</summary>
    AlwaysSo,

    /// <summary>It is about several processes, or about privileges, and needs the process that looks after them: it is kept, and named at the start.</summary>
    Master,

    /// <summary>It is about Python, or another language that uWSGI hosts: it is kept, and named at the start.</summary>
    Language,

    /// <summary>It is not done, and an app that relies on it would be wrong: it stops the start.</summary>
    Refused,

    /// <summary>It would run something: it stops the start, whatever else is said.</summary>
    Dangerous,
}
