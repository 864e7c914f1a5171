namespace UwsgiCat;

/// <summary>What a script can tell apart. The status of an answer is not among it, as with curl.</summary>
internal enum ExitCode
{
    Answered = 0,
    Usage = 2,
    NoConnection = 3,
    NoAnswer = 4,
    CutShort = 5,
    TimedOut = 6,
}
