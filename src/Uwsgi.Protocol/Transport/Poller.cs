using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>Tells connections that wait for their sockets when those are ready: an epoll, edge-triggered.</summary>
internal sealed class Poller : Station
{
    // Of no connection: the poller's own event.
    private const uint StopSerial = 0;

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _stop;
    private SocketConnection?[] _connections = new SocketConnection?[1024];
    private uint _serial;

    public Poller()
    {
        _epoll = Libc.CreateEpoll();
        _stop = Libc.CreateEvent();
        _ = Libc.ControlEpoll(_epoll, Libc.EpollAdd, (int)_stop.DangerousGetHandle(), Libc.Readable, StopSerial);
    }

    /// <summary>Tells a connection of events from now on, and of those that are there already; called with the connection's gate held.</summary>
    /// <returns>What tells it from others that had its descriptor before.</returns>
    public uint Add(SocketConnection connection, int descriptor, uint interest)
    {
        uint serial;
        lock (_gate)
        {
            if (descriptor >= _connections.Length)
            {
                Array.Resize(ref _connections, Math.Max(descriptor + 1, _connections.Length * 2));
            }

            Volatile.Write(ref _connections[descriptor], connection);
            serial = ++_serial == StopSerial ? ++_serial : _serial;
        }

        try
        {
            Control(Libc.EpollAdd, descriptor, interest, serial);
        }
        catch
        {
            Remove(descriptor);
            throw;
        }

        return serial;
    }

    public void Modify(SocketConnection connection, int descriptor, uint interest) =>
        Control(Libc.EpollModify, descriptor, interest, connection.Serial);

    /// <summary>Called before the descriptor is closed, which takes it off the epoll.</summary>
    public void Remove(int descriptor)
    {
        lock (_gate)
        {
            _connections[descriptor] = null;
        }
    }

    /// <summary>Waits for one event, and tells the connection of it on this thread.</summary>
    /// <returns>Whether to go on.</returns>
    public override bool Serve(Worker worker)
    {
        if (!TryBeginWait(worker))
        {
            return false;
        }

        var isEvent = Libc.WaitForEpoll(_epoll, out var events, out var data);
        EndWait(worker);
        if (isEvent && data != StopSerial)
        {
            Volatile.Read(ref _connections)[(int)(uint)data]?.OnEvents((uint)(data >> 32), events);
        }

        return !IsStopped;
    }

    protected override void Wake() => Libc.Raise(_stop);

    protected override void Release()
    {
        _epoll.Dispose();
        _stop.Dispose();
    }

    private void Control(int operation, int descriptor, uint interest, uint serial)
    {
        try
        {
            var result = Libc.ControlEpoll(_epoll, operation, descriptor, interest | Libc.EdgeTriggered, (uint)descriptor | ((ulong)serial << 32));
            if (result < 0)
            {
                throw new IOException($"The system does not watch the connection: error {-result}.");
            }
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("Nobody watches connections any more: the server has stopped.", e);
        }
    }
}
