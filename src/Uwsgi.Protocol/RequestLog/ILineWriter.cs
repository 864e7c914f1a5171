using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>Writes a request's line, whichever form it has.</summary>
internal interface ILineWriter
{
    void Write(in EndedRequest request, LineBuffer line);
}
