using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>What came of waiting for a request's head.</summary>
/// <param name="Reason">Why there is none; <see cref="EndReason.Completed"/> when there is one.</param>
/// <param name="Header">The packet's header.</param>
/// <param name="Request">The request with its variables loaded.</param>
internal readonly record struct UwsgiHead(EndReason Reason, UwsgiPacketHeader Header = default, RequestContext? Request = null);
