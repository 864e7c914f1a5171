namespace Uwsgi.Protocol.Ini;

/// <summary>What becomes of one of uWSGI's options here.</summary>
internal enum UwsgiOptionRole
{
    /// <summary>It does what it does in uWSGI, or the note says what it does.</summary>
    Here,

    /// <summary>What it asks for is so without it.</summary>
    AlwaysSo,

    /// <summary>
    /// It does nothing here, and an app answers without it: it is about several processes, about privileges, or about a language that uWSGI
    /// hosts. It is kept, and named at the start.
    /// </summary>
    Kept,

    /// <summary>It is not done, and an app that relies on it would be wrong: it stops the start.</summary>
    Refused,

    /// <summary>It would run something: it stops the start, whatever else is said.</summary>
    Dangerous,
}
