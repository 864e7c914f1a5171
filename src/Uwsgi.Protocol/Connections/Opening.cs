namespace Uwsgi.Protocol.Connections;

/// <summary>What came of waiting for a connection's first bytes.</summary>
/// <param name="Reason">Why they have not told its protocol; <see cref="EndReason.HandedOver"/> when they have.</param>
/// <param name="Protocol">The protocol; null is HTTP.</param>
internal readonly record struct Opening(EndReason Reason, GatewayProtocol? Protocol);
