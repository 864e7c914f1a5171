using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Waits for the head of a request, whatever its protocol.</summary>
internal sealed class HeadReader(ConnectionContext connection, GatewayApplication application, HeadFormat format)
    : OpeningReader<RequestHead>(connection, application.Runtime)
{
    /// <summary>Takes a head that is there already: nothing has to be made for waiting.</summary>
    /// <returns>Whether it was there as a whole; otherwise nothing has been taken, and what was looked at counts as not looked at.</returns>
    /// <exception cref="WireFormatException">It is malformed, or too large.</exception>
    public static bool TryRead(PipeReader input, GatewayApplication application, HeadFormat format, out RequestHead head)
    {
        head = default;
        if (!input.TryRead(out var result))
        {
            return false;
        }

        var buffer = result.Buffer;
        try
        {
            return TryTake(application, format, ref buffer, out head);
        }
        finally
        {
            input.AdvanceTo(buffer.Start);
        }
    }

    protected override bool TryTake(ref ReadOnlySequence<byte> buffer, out RequestHead opening) =>
        TryTake(application, format, ref buffer, out opening);

    protected override RequestHead End(EndReason reason) => new(reason);

    private static bool TryTake(GatewayApplication application, HeadFormat format, ref ReadOnlySequence<byte> buffer, out RequestHead head)
    {
        if (!format.TryRead(ref buffer, application.Runtime.Limits.MaxRequestVariablesSize, out head, out var variables))
        {
            return false;
        }

        head = head.Reason == EndReason.Completed ? head with { Request = Load(application, format, variables) } : head;
        return true;
    }

    private static RequestContext Load(GatewayApplication application, HeadFormat format, in ReadOnlySequence<byte> variables)
    {
        var request = application.Rent();
        try
        {
            format.Load(request.Variables, variables, application.Runtime.Limits.MaxRequestVariableCount);
            return request;
        }
        catch
        {
            application.Return(request);
            throw;
        }
    }
}
