using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Connections;

/// <summary>What came of waiting for a request's head.</summary>
/// <param name="Reason">Why there is none; <see cref="EndReason.Completed"/> when there is one.</param>
/// <param name="Modifier1">uwsgi: the packet's first byte.</param>
/// <param name="Modifier2">uwsgi: the packet's fourth byte.</param>
/// <param name="Request">The request with its variables loaded.</param>
internal readonly record struct RequestHead(EndReason Reason, byte Modifier1 = 0, byte Modifier2 = 0, RequestContext? Request = null);
