namespace Uwsgi.Protocol.Requests;

/// <summary>Wants to hear of the end of each request: a service, of which there may be several.</summary>
internal interface IRequestListener
{
    /// <summary>
    /// A request has ended, or its head was refused. Called once for each, on the thread that ended it, when nothing more of it reaches the front
    /// end and before it is forgotten: it does not wait, does not throw, and keeps nothing of what it is given.
    /// </summary>
    void OnEnded(in EndedRequest request);
}
