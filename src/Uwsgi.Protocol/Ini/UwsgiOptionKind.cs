namespace Uwsgi.Protocol.Ini;

/// <summary>How often an option counts, and what it says.</summary>
internal enum UwsgiOptionKind
{
    /// <summary>Yes, unless it says false, off, no or 0. The last one counts.</summary>
    Flag,

    /// <summary>The last one counts.</summary>
    Value,

    /// <summary>All of them count.</summary>
    List,
}
