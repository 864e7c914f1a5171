namespace Uwsgi.Protocol.Harakiri;

/// <summary>What became of the response of a request that was ended in its handler's place.</summary>
internal enum KillOutcome
{
    /// <summary>The request was not ended.</summary>
    None,

    /// <summary>Nothing of it had left: 504 is in its place.</summary>
    Answered,

    /// <summary>It was on its way: its end can be told from one in order.</summary>
    Cut,

    /// <summary>It was complete already.</summary>
    Complete,
}
