namespace Uwsgi.Protocol.Connections;

/// <summary>Something with a deadline. Ticks come a few times a second, under a lock: they set a flag and cancel a read, no more.</summary>
internal interface IDeadlineWatcher
{
    void OnTick(long now);
}
