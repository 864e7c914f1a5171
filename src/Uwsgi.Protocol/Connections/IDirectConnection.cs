namespace Uwsgi.Protocol.Connections;

/// <summary>A connection on whose socket the server has its hands: what is flushed has been sent.</summary>
internal interface IDirectConnection
{
    /// <summary>Whether a reset can be told from an end in order: over a unix socket it cannot.</summary>
    bool CanReset { get; }

    /// <summary>The id of one of its requests: that of the connection, and the request's number.</summary>
    string CreateRequestId(int number);

    /// <summary>
    /// The next flush is the last one, and as soon as it has completed, <see cref="HalfClose"/> follows: where the transport can, the end leaves
    /// in one packet with the last bytes.
    /// </summary>
    /// <returns>Whether it can: then the half-close is a must.</returns>
    bool TryBeginEnd();

    /// <summary>Ends our side. All that was flushed has been sent.</summary>
    void HalfClose();

    /// <summary>Whoever served the connection keeps nothing of it, and calls it no more: it may be used again for another one.</summary>
    void Leave();

    /// <summary>
    /// Does some work soon, without waiting for it: where the connection's thread is one of the transport's, on that, as soon as it has
    /// nothing else to do for the connection.
    /// </summary>
    /// <returns>Whether the calling thread is who does it, unless it is kept from it.</returns>
    bool Schedule(IThreadPoolWorkItem work);

    /// <summary>
    /// Throws away what comes from here on, past the reader, which somebody may have in hand, and closes when the peer has closed its side. Ours has
    /// been ended.
    /// </summary>
    void Discard();

    /// <summary>Ends both sides at once, with RST where there is one. What is not sent yet is dropped.</summary>
    void Reset();
}
