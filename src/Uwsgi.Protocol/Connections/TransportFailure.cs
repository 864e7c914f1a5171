using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>What a connection throws when it is no more: a reset, our own abort, a timeout of the network, broken TLS.</summary>
internal static class TransportFailure
{
    public static bool Is(Exception exception) => exception
        is ConnectionAbortedException
        or SocketException
        or (IOException and not (WireFormatException or BadHttpRequestException));
}
