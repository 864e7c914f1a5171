using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>Tells connections that wait for their sockets when those are ready: an epoll, edge-triggered.</summary>
internal sealed class Poller : Station, IDisposable
{
    // Of no connection: the poller's own event.
    private const uint StopSerial = 0;

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _stop;
    private SocketConnection?[] _connections = new SocketConnection?[1024];
    private uint _serial;
    private volatile bool _isStopped;

    public Poller()
    {
        _epoll = Libc.CreateEpoll();
        _stop = Libc.CreateEvent();
        if (_epoll.IsInvalid || _stop.IsInvalid)
        {
            throw new IOException($"The system gives no epoll: error {Libc.LastError}.");
        }

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

        Control(Libc.EpollAdd, descriptor, interest, serial);
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
        worker.BeginWait();
        var isEvent = Libc.WaitForEpoll(_epoll, out var events, out var data);
        worker.EndWait();
        if (_isStopped)
        {
            return false;
        }

        if (isEvent)
        {
            Volatile.Read(ref _connections)[(int)(uint)data]?.OnEvents((uint)(data >> 32), events);
        }

        return true;
    }

    /// <summary>Lets everybody who waits return.</summary>
    public override void Stop()
    {
        _isStopped = true;
        Libc.Raise(_stop);
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _stop.Dispose();
    }

    private void Control(int operation, int descriptor, uint interest, uint serial)
    {
        var result = Libc.ControlEpoll(_epoll, operation, descriptor, interest | Libc.EdgeTriggered, (uint)descriptor | ((ulong)serial << 32));
        if (result < 0)
        {
            throw new IOException($"The system does not watch the connection: error {-result}.");
        }
    }
}
