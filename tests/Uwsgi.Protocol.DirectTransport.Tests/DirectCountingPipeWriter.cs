using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.DirectTransport;

/// <summary>Notes the bytes of each flush, and of what is sent from where it is.</summary>
internal sealed class DirectCountingPipeWriter(SocketOutput inner) : CountingPipeWriter(inner), IDirectOutput
{
    public long? Taken => inner.Taken;

    public ValueTask<FlushResult> SendAsync(DirectContent content, CancellationToken cancellationToken)
    {
        OnFlush(content.Length);
        return OnFlushing(inner.SendAsync(content, cancellationToken));
    }
}
