using System.Net;

namespace Uwsgi.Protocol.Stats;

/// <summary>A listening socket of this system, as its kernel shows it.</summary>
/// <param name="EndPoint">What it is bound to.</param>
/// <param name="Waiting">How many connections wait to be accepted.</param>
/// <param name="Max">How many may.</param>
/// <param name="Inode">Its number.</param>
internal readonly record struct ListenQueue(EndPoint EndPoint, int Waiting, int Max, uint Inode);
