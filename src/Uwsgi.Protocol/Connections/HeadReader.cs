using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Connections;

/// <summary>Waits for the head of a request, whatever its protocol.</summary>
internal sealed class HeadReader(ConnectionContext connection, GatewayApplication application, HeadFormat format)
    : OpeningReader<RequestHead>(connection, application.Runtime)
{
    protected override bool TryTake(ref ReadOnlySequence<byte> buffer, out RequestHead opening)
    {
        if (!format.TryRead(ref buffer, Limits.MaxRequestVariablesSize, out opening, out var variables))
        {
            return false;
        }

        opening = opening.Reason == EndReason.Completed ? opening with { Request = Load(variables) } : opening;
        return true;
    }

    protected override RequestHead End(EndReason reason) => new(reason);

    private RequestContext Load(in ReadOnlySequence<byte> variables)
    {
        var request = application.Rent();
        try
        {
            format.Load(request.Variables, variables, Limits.MaxRequestVariableCount);
            return request;
        }
        catch
        {
            application.Return(request);
            throw;
        }
    }
}
