using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>The client's address; where the front end's own addition to X-Forwarded-For is to be it, the last of those.</summary>
internal sealed class ClientAddress(bool usesForwardedFor)
{
    public ReadOnlySpan<byte> Of(CgiVariables variables)
    {
        if (!usesForwardedFor || variables.Find("HTTP_X_FORWARDED_FOR"u8) is not { IsEmpty: false } forwarded)
        {
            return variables[CgiVariable.RemoteAddress];
        }

        return forwarded[(forwarded.LastIndexOf((byte)',') + 1)..].Trim(" \t"u8);
    }
}
