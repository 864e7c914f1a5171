using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>What a response's head is made of.</summary>
internal interface IResponseHead
{
    int StatusCode { get; }

    string? ReasonPhrase { get; }

    ResponseHeaders Headers { get; }

    /// <summary>Whether the request was HEAD: the response has no body, whatever the app writes.</summary>
    bool IsHead { get; }

    /// <summary>Whether it is that of an upgrade, 101.</summary>
    bool IsUpgraded { get; }

    /// <summary>The app's last chance to change status and headers.</summary>
    Task FireOnStartingAsync();

    /// <summary>Back to 200 and no headers.</summary>
    void Reset();

    /// <summary>Date and Server, where the app has not set them.</summary>
    void WriteImplicitHeaders(ref ResponseHeadWriter writer);

    /// <summary>The front end has all of the response: it may go now, and that is not an abort.</summary>
    void OnComplete();

    /// <summary>The head is larger than nginx takes by default.</summary>
    void OnLargeHead(int size);
}
