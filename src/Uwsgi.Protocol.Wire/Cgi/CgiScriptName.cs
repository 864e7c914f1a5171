namespace Uwsgi.Protocol.Wire;

/// <summary>What SCRIPT_NAME does to the base path of a request.</summary>
public enum CgiScriptName
{
    /// <summary>It is the base path where it can be nothing else: a proper segment prefix of the path that PATH_INFO agrees with.</summary>
    Auto,

    /// <summary>It never is: the base path is empty.</summary>
    Ignore,

    /// <summary>It always is, and PATH_INFO, where sent, is the path below it (RFC 3875, section 4.1.13).</summary>
    Trust,
}
