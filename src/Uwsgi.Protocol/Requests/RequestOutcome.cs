using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>How a request ended.</summary>
internal readonly record struct RequestOutcome
{
    /// <summary>Why it ended: <see cref="EndReason.Completed"/> and <see cref="EndReason.Upgraded"/> are in order, whatever the status.</summary>
    public required EndReason Reason { get; init; }

    /// <summary>What was wrong with its head; of those alone that were refused.</summary>
    public WireError Error { get; init; }

    /// <summary>The response's status; 0 where there was no answer, 499 where nobody waited for it.</summary>
    public int StatusCode { get; init; }

    /// <summary>The response's headers, the status not among them; 0 where no head has left.</summary>
    public int HeaderCount { get; init; }

    /// <summary>The size of the response's head, the status among it; 0 where none has left.</summary>
    public int HeadSize { get; init; }

    /// <summary>The bytes of the response's body.</summary>
    public long BodySize { get; init; }

    /// <summary>How the response's file went, where it had one.</summary>
    public FileDelivery Delivery { get; init; }

    /// <summary>Whether a file was the answer that the app has not been asked for: of a static map.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Whether the app has thrown what it did not catch.</summary>
    public bool HasThrown { get; init; }

    /// <summary>Whether the request's body could not be read to where the app wanted.</summary>
    public bool HasReadError { get; init; }

    /// <summary>Whether the response could not be written to its end.</summary>
    public bool HasWriteError { get; init; }
}
