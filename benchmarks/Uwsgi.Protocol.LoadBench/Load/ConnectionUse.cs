namespace Uwsgi.Protocol.LoadBench;

/// <summary>How many requests a connection is for.</summary>
internal enum ConnectionUse
{
    /// <summary>One.</summary>
    New,

    /// <summary>Many, one after the other.</summary>
    Kept,

    /// <summary>Many, <see cref="Multiplexed.AtOnce"/> at a time.</summary>
    Multiplexed,
}
